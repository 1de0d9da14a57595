import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { probeQuery } from '../../api/requests';
import type { ProbeInfo } from '../../api/types';
import { CopyFacts } from '../../parts/CopyFacts';
import { ProblemNotice, WarningNotice } from '../../parts/Notice';
import { unknownText } from '../../parts/Observed';
import { Cell } from './cells';
import classes from './device.module.css';
import { ProbeNotes } from './ProbeNotes';
import { Loading } from '../../parts/Loading';

/** A probe that has exactly one row, as a list of facts. */
export function FactCard({ deviceId, probe }: { deviceId: string; probe: ProbeInfo }) {
  const { data: table, error, refetch } = useQuery(probeQuery(deviceId, probe.name));
  const cells = table?.rows[0]?.cells;
  const list = useRef<HTMLDListElement>(null);
  return (
    <section className={classes.card} aria-label={probe.label}>
      <div className={classes.cardHead}>
        <h3 data-tip={probe.meaning}>{probe.label}</h3>
        {cells && <CopyFacts name={probe.label} list={list} />}
      </div>
      {error && !table && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!table && !error && <Loading label={probe.label} height={120} />}
      {table && <ProbeNotes table={table} />}
      {table?.unknown && !cells && <WarningNotice>{unknownText(table.unknown)}.</WarningNotice>}
      {cells && (
        <dl ref={list} className={classes.factList}>
          {probe.columns.map((column) => (
            <div key={column.name}>
              <dt data-tip={column.meaning}>{column.label}</dt>
              <dd>
                <Cell value={cells[column.name]} column={column} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
