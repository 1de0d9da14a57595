import { Popover } from '@mantine/core';
import type { DeviceRow, RebootReason } from '../../api/types';
import { stamp } from '../../format/time';
import { IconReboot } from '../../parts/icons';
import { asOfText, Unknown } from '../../parts/Observed';
import { useAsked } from '../../parts/useAsked';
import classes from './devices.module.css';

function line(reason: RebootReason): string {
  const since = typeof reason.since_ms === 'number' ? ` (since ${stamp(reason.since_ms)})` : '';
  return `${reason.reason}${since}`;
}

/** Whether a reboot is needed; why and since when on hover, and in full on a press. */
export function RebootCell({ device }: { device: DeviceRow }) {
  const { isMade, opened, setOpened, button, ask } = useAsked();
  const { pending_reboot: pending, reboot_reasons: reasons } = device;
  if (pending.value === null) return <Unknown reason={pending.unknown} asOf={pending.as_of_ms ?? null} />;
  if (!pending.value) return <span data-tip={asOfText(pending.as_of_ms)}>No</span>;
  const word = (
    <button
      ref={button}
      type="button"
      className={classes.reboot}
      aria-haspopup="dialog"
      data-tip={reasons.map(line).join('\n')}
      onClick={isMade ? () => setOpened(!opened) : ask}
    >
      <IconReboot size={14} /> Reboot required
    </button>
  );
  if (!isMade) return word;
  return (
    <Popover
      position="bottom-start"
      shadow="md"
      width={340}
      withRoles
      trapFocus
      returnFocus
      opened={opened}
      onChange={setOpened}
    >
      <Popover.Target>{word}</Popover.Target>
      <Popover.Dropdown aria-label="Why a reboot is required" tabIndex={-1} data-autofocus>
        <ul className={classes.reasons}>
          {reasons.map((reason) => (
            <li key={reason.signal}>
              <strong>{reason.reason}</strong>
              {reason.detail && <div>{reason.detail}</div>}
              <div className={classes.second}>
                {typeof reason.since_ms === 'number' ? `Since ${stamp(reason.since_ms)}` : 'Since when is unknown'}
              </div>
            </li>
          ))}
        </ul>
        <div className={classes.second}>{asOfText(pending.as_of_ms)}</div>
      </Popover.Dropdown>
    </Popover>
  );
}
