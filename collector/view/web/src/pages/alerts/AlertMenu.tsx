import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { IconMore } from '../../parts/icons';
import { RowIcon } from '../../parts/RowIcon';
import { useAsked } from '../../parts/useAsked';
import { useAlertWork } from './AlertWorkProvider';
import { offerOf } from './work';

/** Everything that can be done about one alert. */
export function AlertMenu({ alert }: { alert: AlertRow }) {
  const mayWork = useMay('alerts.write');
  const { isMade, opened, setOpened, button, ask } = useAsked();
  if (!mayWork) return null;
  const icon = (
    <RowIcon
      ref={button}
      aria-label={`Actions: ${alert.title}, ${alert.device_name}`}
      aria-haspopup="menu"
      onClick={isMade ? undefined : ask}
    >
      <IconMore />
    </RowIcon>
  );
  if (!isMade) return icon;
  return (
    // What Mantine puts first to be focused is no item, and a menu may hold nothing else.
    <Menu
      position="bottom-end"
      shadow="md"
      transitionProps={{ duration: 0 }}
      withInitialFocusPlaceholder={false}
      returnFocus
      opened={opened}
      onChange={setOpened}
    >
      <Menu.Target>{icon}</Menu.Target>
      <Menu.Dropdown>
        <Tasks alert={alert} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Tasks({ alert }: { alert: AlertRow }) {
  const { ask, run } = useAlertWork();
  const { data: session } = useQuery(sessionQuery);
  const offer = offerOf([alert]);
  const one = [alert];
  const me = session?.technician_id ?? null;
  return (
    <>
      <Menu.Item disabled={!offer.snooze} onClick={() => ask('snooze', one)}>
        Snooze…
      </Menu.Item>
      <Menu.Item disabled={!offer.snooze} onClick={() => run(one, { kind: 'snooze', until: null })}>
        Snooze until it changes
      </Menu.Item>
      <Menu.Item disabled={!offer.resolve} onClick={() => run(one, { kind: 'resolve' })}>
        Resolve
      </Menu.Item>
      <Menu.Item disabled={!offer.reopen} onClick={() => run(one, { kind: 'reopen' })}>
        Reopen
      </Menu.Item>
      <Menu.Item
        disabled={alert.assigned_id === me}
        onClick={() => run(one, { kind: 'assign', technician: me })}
      >
        Assign to me
      </Menu.Item>
      <Menu.Item onClick={() => ask('assign', one)}>Assign…</Menu.Item>
      <Menu.Item onClick={() => ask('ticket', one)}>Ticket…</Menu.Item>
      <Menu.Item onClick={() => ask('note', one)}>Add a note…</Menu.Item>
    </>
  );
}
