import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ALERTS_AT_ONCE, type PagedSource } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { counted } from '../../format/words';
import { ProblemNotice } from '../../parts/Notice';
import type { Selection } from '../../table/useSelection';
import classes from './alerts.module.css';
import { useAlertWork } from './AlertWorkProvider';
import { offerOf } from './work';

const PAGE_ROWS = 500;

/** All rows of a list, as many as one request may be about. */
async function readAll(source: PagedSource<AlertRow>): Promise<AlertRow[]> {
  const { signal } = new AbortController();
  const rows: AlertRow[] = [];
  for (let offset = 0; offset < ALERTS_AT_ONCE; offset += PAGE_ROWS) {
    const { items, total } = await source.fetch(offset, PAGE_ROWS, signal);
    rows.push(...items);
    if (rows.length >= total || items.length === 0) break;
  }
  return rows;
}

interface AlertBulkBarProps {
  selection: Selection<AlertRow>;
  source: PagedSource<AlertRow>;
  total: number | null;
}

/** What can be done about all selected alerts at once. */
export function AlertBulkBar({ selection, source, total }: AlertBulkBarProps) {
  const { ask, run } = useAlertWork();
  const mayWork = useMay('alerts.write');
  const all = useMutation({
    mutationFn: () => readAll(source),
    onSuccess: (rows) => selection.set(rows, true),
  });
  const { rows } = selection;
  if (rows.length === 0 || !mayWork) return null;
  const tooMany = rows.length > ALERTS_AT_ONCE;
  const offer = offerOf(rows);
  const most = Math.min(total ?? 0, ALERTS_AT_ONCE);
  return (
    <div className={classes.bulk} role="group" aria-label="Selected alerts">
      <strong aria-live="polite">{counted(rows.length, 'alert')} selected</strong>
      <Button size="xs" variant="default" disabled={tooMany || !offer.snooze} onClick={() => ask('snooze', rows)}>
        Snooze…
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={tooMany || !offer.resolve}
        onClick={() => run(rows, { kind: 'resolve' })}
      >
        Resolve
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={tooMany || !offer.reopen}
        onClick={() => run(rows, { kind: 'reopen' })}
      >
        Reopen
      </Button>
      <Button size="xs" variant="default" disabled={tooMany} onClick={() => ask('assign', rows)}>
        Assign…
      </Button>
      <Button size="xs" variant="default" disabled={tooMany} onClick={() => ask('ticket', rows)}>
        Ticket…
      </Button>
      <Button size="xs" variant="default" disabled={tooMany} onClick={() => ask('note', rows)}>
        Note…
      </Button>
      {tooMany && <span>At most {counted(ALERTS_AT_ONCE, 'alert')} at once: select fewer.</span>}
      {rows.length < most && (
        <Button size="xs" variant="subtle" loading={all.isPending} onClick={() => all.mutate()}>
          Select {most < (total ?? 0) ? 'the first' : 'all'} {most.toLocaleString('en-US')}
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={selection.clear}>
        Select none
      </Button>
      {all.error && <ProblemNotice error={all.error} />}
    </div>
  );
}
