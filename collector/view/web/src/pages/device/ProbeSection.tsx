import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { probeSource, type ProbePage } from '../../api/requests';
import type { ColumnInfo, ProbeInfo, ProbeRow, ProbeTable } from '../../api/types';
import { stamp } from '../../format/time';
import { capitalised, counted, reasonText } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { asOfText } from '../../parts/Observed';
import type { TableColumn } from '../../table/columns';
import { WindowTable } from '../../table/WindowTable';
import { Cell } from './cells';
import classes from './device.module.css';
import { ProbeNotes } from './ProbeNotes';

const route = getRouteApi('/devices/$deviceId');
const rowKey = (row: ProbeRow) => row.key;

function width({ type, unit }: ColumnInfo): number {
  if (type === 'time_ms') return 176;
  if (type === 'text') return 124;
  return unit === 'none' ? 96 : 120;
}

/** The columns that the catalogue declares for a probe, its key first. */
function columnsOf(probe: ProbeInfo): TableColumn<ProbeRow>[] {
  return [
    {
      id: '#key',
      label: probe.key_label,
      width: 194,
      card: 'title',
      cell: (row) => (
        <span className={classes.key} title={`${row.key}\nUnchanged since ${stamp(row.since_ms)}`}>
          {row.key}
        </span>
      ),
    },
    ...probe.columns.map((column): TableColumn<ProbeRow> => ({
      id: column.name,
      label: column.label,
      meaning: column.meaning,
      width: width(column),
      card: 'half',
      align: column.type === 'integer' || column.type === 'real' ? 'right' : undefined,
      cell: (row) => <Cell value={row.cells[column.name]} column={column} />,
    })),
  ];
}

/** The table of one state probe, drawn from its declaration alone. */
export function ProbeSection({ deviceId, probe }: { deviceId: string; probe: ProbeInfo }) {
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const columns = useMemo(() => columnsOf(probe), [probe]);
  const source = useMemo(() => probeSource(deviceId, probe.name, search), [deviceId, probe.name, search]);
  const [table, setTable] = useState<ProbeTable | null>(null);
  const onAnswer = useCallback((answer?: ProbePage) => setTable(answer?.table ?? null), []);

  return (
    <section className={classes.probe}>
      <div className={classes.probeHead}>
        <h2 className={classes.h2} data-tip={probe.meaning}>
          {probe.label}
        </h2>
        <SearchBox
          label={`Search ${probe.label.toLowerCase()}`}
          value={search}
          onChange={(text) => void navigate({ search: (now) => ({ ...now, search: text || undefined }), replace: true })}
        />
        <span className={classes.since} aria-live="polite">
          {table && !(table.unknown && table.total === 0) && counted(table.total, 'row')}
        </span>
      </div>
      {table && <ProbeNotes table={table} />}
      <WindowTable
        label={probe.label}
        columns={columns}
        source={source}
        rowKey={rowKey}
        density="compact"
        onAnswer={onAnswer}
        className={classes.probeTable}
        empty={<NoRows table={table} search={search} />}
      />
    </section>
  );
}

/** "Nothing there", "cannot be read" and "never read" are not the same. */
function NoRows({ table, search }: { table: ProbeTable | null; search: string }) {
  if (search) return <EmptyNotice title={`Nothing matches “${search}”`} />;
  if (table?.unknown) {
    return (
      <EmptyNotice title="Unknown">
        <span>{capitalised(reasonText(table.unknown))}.</span>
      </EmptyNotice>
    );
  }
  if (typeof table?.as_of_ms !== 'number') return <EmptyNotice title="Not read yet" />;
  return (
    <EmptyNotice title="None">
      <span>{asOfText(table.as_of_ms)}</span>
    </EmptyNotice>
  );
}
