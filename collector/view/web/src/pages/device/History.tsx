import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { historyQuery } from '../../api/requests';
import type { Catalogue, DeviceRow } from '../../api/types';
import { FilterMenu } from '../../parts/FilterMenu';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { serverNow } from '../../state/clock';
import { HISTORY_KIND_NAMES, HISTORY_KINDS, type HistorySearch } from '../../state/historySearch';
import classes from './device.module.css';
import { daysOf } from './history';
import { HistoryEntries } from './HistoryEntries';
import styles from './history.module.css';

const route = getRouteApi('/devices/$deviceId');

interface HistoryProps {
  device: DeviceRow;
  catalogue: Catalogue;
}

/** What changed and happened on the device, and what was done to it, newest first. */
export function History({ device, catalogue }: HistoryProps) {
  const { kind = [], probe = [], event = [] } = route.useSearch();
  const navigate = route.useNavigate();
  const probes = useMemo(() => namesOf(catalogue.probes.filter(({ in_history: told }) => told)), [catalogue]);
  const events = useMemo(() => namesOf(catalogue.event_types), [catalogue]);
  // An old address may name what is not there any more.
  const wish = {
    kind,
    probe: probe.filter((name) => name in probes),
    event: event.filter((name) => name in events),
  };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    historyQuery(device.id, wish),
  );
  const entries = useMemo(() => data?.pages.flatMap(({ items }) => items), [data]);
  const choose = (part: HistorySearch) =>
    void navigate({ search: (now) => ({ ...now, ...part }), replace: true, resetScroll: false });
  const isFiltered = wish.kind.length + wish.probe.length + wish.event.length > 0;
  return (
    <section aria-label="History" className={styles.history}>
      <div className={classes.probeHead}>
        <h2 className={classes.h2}>History</h2>
        <FilterMenu
          label="Kinds"
          options={HISTORY_KINDS}
          nameOf={(word) => HISTORY_KIND_NAMES[word]}
          chosen={wish.kind}
          onChange={(words) => choose({ kind: words })}
        />
        <FilterMenu
          label="Changes of"
          options={Object.keys(probes)}
          nameOf={(word) => probes[word] ?? word}
          chosen={wish.probe}
          onChange={(words) => choose({ probe: words })}
        />
        <FilterMenu
          label="Events"
          options={Object.keys(events)}
          nameOf={(word) => events[word] ?? word}
          chosen={wish.event}
          onChange={(words) => choose({ event: words })}
        />
      </div>
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!entries && !error && <Loading label="history" height={200} />}
      {entries?.length === 0 && (
        <EmptyNotice title={isFiltered ? 'Nothing of what is chosen has happened' : 'Nothing has happened yet'}>
          <span>What was there when the device was read for the first time is no change.</span>
        </EmptyNotice>
      )}
      {entries &&
        daysOf(entries, serverNow()).map(({ name, groups }) => (
          <section key={name} aria-label={name} className={styles.day}>
            <h3>{name}</h3>
            <ol>
              {groups.map((group) => (
                <HistoryEntries key={group.key} group={group} device={device} catalogue={catalogue} />
              ))}
            </ol>
          </section>
        ))}
      {hasNextPage && (
        <div>
          <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older entries
          </Button>
        </div>
      )}
    </section>
  );
}

/** Labels by name. */
function namesOf(declared: readonly { name: string; label: string }[]): Record<string, string> {
  return Object.fromEntries(declared.map(({ name, label }) => [name, label]));
}
