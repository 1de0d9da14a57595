import { Button, Group, Loader, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { revokeToken, tokenQuery } from '../../api/requests';
import type { TokenMade, TokenRow } from '../../api/types';
import { stamp } from '../../format/time';
import { counted } from '../../format/words';
import { IconCheck } from '../../parts/icons';
import { ProblemNotice } from '../../parts/Notice';
import { InstallTabs } from './InstallTabs';
import classes from './enrol.module.css';

/** Second line behind the live feed: an arrival is never missed for longer than this. */
const ASK_AGAIN_MS = 5000;

interface TokenWaitProps {
  made: TokenMade;
  onClose: () => void;
}

/** The command, and the devices that came with it. */
export function TokenWait({ made, onClose }: TokenWaitProps) {
  const { data: token, error } = useQuery({
    ...tokenQuery(made.token.id),
    initialData: made.token,
    refetchInterval: ASK_AGAIN_MS,
  });
  const revoke = useMutation({ mutationFn: () => revokeToken(token.id), onSuccess: onClose });
  return (
    <Stack gap="sm">
      <InstallTabs made={made} />
      <p className={classes.small}>
        {token.uses_left > 0
          ? `Good for ${counted(token.uses_left, 'more device')}, until ${stamp(token.expires_ms)}.`
          : 'Used up: it enrols no further device.'}
      </p>
      <Arrivals token={token} onClose={onClose} />
      {(error ?? revoke.error) && <ProblemNotice error={error ?? revoke.error} />}
      <Group justify="space-between">
        {token.uses_left > 0 ? (
          <Button size="xs" variant="default" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke the command
          </Button>
        ) : (
          <span />
        )}
        <Button size="xs" onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function Arrivals({ token, onClose }: { token: TokenRow; onClose: () => void }) {
  const arrived = token.devices.length > 0;
  return (
    <div role="status" aria-label="Arrival" className={classes.arrivals} data-arrived={arrived || undefined}>
      {arrived ? (
        <>
          <IconCheck size={20} />
          <div>
            <strong>{counted(token.devices.length, 'device')} arrived</strong>
            <ul>
              {token.devices.map(({ id, name }) => (
                <li key={id}>
                  <Link to="/devices/$deviceId" params={{ deviceId: id }} onClick={onClose}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        </>
      ) : (
        <>
          <Loader size={16} color="gray" />
          Waiting for the device…
        </>
      )}
    </div>
  );
}
