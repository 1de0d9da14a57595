import { NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { policyQuery, releasesQuery, setPolicy, type PolicyOwner } from '../../api/requests';
import type { UpdatePolicy } from '../../api/types';
import { useMay } from '../../app/useMay';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import classes from './updates.module.css';

const INHERIT = { collector: 'Default', customer: 'As for all', device: 'As for the customer' };
/** A version may not be called so. */
const NEWEST = 'newest';

/** What is said about updates at one level. Each choice counts at once. */
export function PolicyCard({ owner, title }: { owner: PolicyOwner; title: string }) {
  const queries = useQueryClient();
  const mayChange = useMay('updates.write');
  const { data: policy, error, refetch } = useQuery(policyQuery(owner));
  const { data: releases } = useQuery(releasesQuery);
  const set = useMutation({
    mutationFn: (next: UpdatePolicy) => setPolicy(owner, next),
    onSuccess: (kept) => {
      queries.setQueryData(policyQuery(owner).queryKey, kept);
      void queries.invalidateQueries({ queryKey: ['updates'] });
    },
  });
  const inherit = (otherwise: string) =>
    owner.level === 'collector' ? `${INHERIT.collector} (${otherwise})` : INHERIT[owner.level];
  const versions = new Set(releases?.items.map(({ version }) => version));
  if (policy?.pinned) versions.add(policy.pinned);

  return (
    <section className={classes.card} aria-label={title}>
      <h2>{title}</h2>
      {error && !policy && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!policy && !error && <Loading label="policy" height={56} />}
      {policy && (
        <div className={classes.choices}>
          <NativeSelect
            size="xs"
            label="Updates"
            disabled={set.isPending || !mayChange}
            value={policy.paused === true ? 'yes' : policy.paused === false ? 'no' : ''}
            data={[
              { value: '', label: inherit('on') },
              { value: 'no', label: 'On' },
              { value: 'yes', label: 'Paused' },
            ]}
            onChange={({ currentTarget: { value } }) =>
              set.mutate({ ...policy, paused: value === '' ? null : value === 'yes' })
            }
          />
          <NativeSelect
            size="xs"
            label="Channel"
            disabled={set.isPending || !mayChange}
            value={policy.channel ?? ''}
            data={[
              { value: '', label: inherit('stable') },
              { value: 'stable', label: 'Stable' },
              { value: 'beta', label: 'Beta and stable' },
            ]}
            onChange={({ currentTarget: { value } }) => set.mutate({ ...policy, channel: value || null })}
          />
          <NativeSelect
            size="xs"
            label="Version"
            disabled={set.isPending || !mayChange}
            value={policy.pinned === '' ? NEWEST : (policy.pinned ?? '')}
            data={[
              { value: '', label: inherit('the newest') },
              { value: NEWEST, label: 'The newest' },
              ...[...versions].map((version) => ({ value: version, label: `Pinned to ${version}` })),
            ]}
            onChange={({ currentTarget: { value } }) =>
              set.mutate({ ...policy, pinned: value === '' ? null : value === NEWEST ? '' : value })
            }
          />
        </div>
      )}
      {set.error && <ProblemNotice error={set.error} />}
    </section>
  );
}
