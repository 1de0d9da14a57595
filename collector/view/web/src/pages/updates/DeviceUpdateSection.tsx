import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { deviceUpdateQuery, retryUpdate } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { stamp } from '../../format/time';
import { capitalised } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { PolicyCard } from './PolicyCard';
import classes from './updates.module.css';
import { policyTexts, stateText, toneOf } from './words';

/** Which version of the agent a device runs, what comes next and why, and what is said about it. */
export function DeviceUpdateSection({ device }: { device: DeviceRow }) {
  const queries = useQueryClient();
  const { data: update, error, refetch } = useQuery(deviceUpdateQuery(device.id));
  const retry = useMutation({
    mutationFn: () => retryUpdate(device.id),
    onSuccess: (fresh) => {
      queries.setQueryData(deviceUpdateQuery(device.id).queryKey, fresh);
      void queries.invalidateQueries({ queryKey: ['updates'] });
    },
  });
  if (error && !update) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!update) return <Loading label="updates" height={160} />;
  const policy = policyTexts(update.policy);
  const last = update.attempt;
  return (
    <>
      <section className={classes.card} aria-label="Version">
        <h2>Version {update.version || 'unknown'}</h2>
        <p className={classes.state} data-tone={toneOf(update.verdict)}>
          {stateText(update)}
        </p>
        {(update.verdict === 'failed' || update.verdict === 'refused') && (
          <div>
            <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
              Offer it again
            </Button>
          </div>
        )}
        {retry.error && <ProblemNotice error={retry.error} />}
        <dl className={classes.facts}>
          <Fact name="Last attempt">
            {last
              ? `${last.from_version || 'unknown'} to ${last.version}: ${last.state.replace('_', ' ')}, ${stamp(last.at_ms)}`
              : 'none'}
          </Fact>
          {last?.reason && <Fact name="Why">{capitalised(last.reason)}</Fact>}
          <Fact name="Updates">{policy.paused}</Fact>
          <Fact name="Channel">{policy.channel}</Fact>
          <Fact name="Wanted version">{policy.pinned}</Fact>
        </dl>
      </section>
      <PolicyCard owner={{ level: 'device', id: device.id }} title="For this device" />
    </>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
