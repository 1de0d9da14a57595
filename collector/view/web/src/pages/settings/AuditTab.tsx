import { Button, Checkbox } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { auditQuery } from '../../api/access';
import type { AuditRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { stamp } from '../../format/time';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import classes from './settings.module.css';

const route = getRouteApi('/settings/audit');

/** Who did what, newest first. */
export function AuditTab() {
  useTitle('Audit log', 'Settings');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(auditQuery(filter));
  const rows = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className={classes.section} aria-label="Audit log">
      <div className={classes.tools}>
        <SearchBox
          label="Search the audit log"
          value={filter.search ?? ''}
          onChange={(search) => void navigate({ search: { ...filter, search: search || undefined }, replace: true })}
        />
        <Checkbox
          size="xs"
          label="Only what was refused"
          checked={filter.refused ?? false}
          onChange={(event) =>
            void navigate({ search: { ...filter, refused: event.currentTarget.checked || undefined }, replace: true })
          }
        />
      </div>
      {error && !data && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="the audit log" height={200} />}
      {data && rows.length === 0 && <EmptyNotice title="Nothing fits" />}
      {rows.length > 0 && <AuditTable rows={rows} />}
      {hasNextPage && (
        <div className={classes.actions}>
          <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </section>
  );
}

function AuditTable({ rows }: { rows: AuditRow[] }) {
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label="Rows of the audit log">
      <table className={classes.table} aria-label="Audit log">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">From</th>
            <th scope="col">What</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>{stamp(row.at_ms)}</td>
              <td>
                {row.actor_name || row.actor_kind.replaceAll('_', ' ')}
                {row.actor_kind === 'program' && <span className={classes.muted}> by a program</span>}
              </td>
              <td>{row.remote}</td>
              <td>
                <details className={classes.detail}>
                  <summary>{row.action}</summary>
                  <code>{JSON.stringify(row.detail, null, 2)}</code>
                </details>
              </td>
              <td className={row.result.startsWith('refused') ? classes.refused : undefined}>{row.result}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
