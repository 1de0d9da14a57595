import { useQuery } from '@tanstack/react-query';
import { probeQuery } from '../../api/requests';
import type { DeviceRow, ProbeRow } from '../../api/types';
import { stamp } from '../../format/time';
import { counted } from '../../format/words';
import { asOfText, Unknown } from '../../parts/Observed';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import classes from '../organise/organise.module.css';

/** What stands below a row that is open: why a reboot is needed, and which patches wait. */
export function DeviceReasons({ device }: { device: DeviceRow }) {
  return (
    <div className={classes.reasons}>
      <Reboot device={device} />
      <Patches device={device} />
    </div>
  );
}

function Reboot({ device: { pending_reboot: pending, reboot_reasons: reasons } }: { device: DeviceRow }) {
  return (
    <section aria-label="Pending reboot">
      <h3>Pending reboot</h3>
      {pending.value === null && <Unknown reason={pending.unknown} asOf={pending.as_of_ms ?? null} />}
      {pending.value === false && 'No reboot is needed.'}
      {pending.value === true && (
        <ul>
          {reasons.map((reason) => (
            <li key={reason.signal}>
              {reason.reason}
              {reason.detail && <div>{reason.detail}</div>}
              <div className={classes.second}>
                {typeof reason.since_ms === 'number' ? `Since ${stamp(reason.since_ms)}` : 'Since when is unknown'}
              </div>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.second}>{asOfText(pending.as_of_ms)}</div>
    </section>
  );
}

function Patches({ device }: { device: DeviceRow }) {
  const { data, error, refetch } = useQuery(probeQuery(device.id, 'patches'));
  return (
    <section aria-label="Available patches">
      <h3>Available patches</h3>
      {error && !data && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="patches" height={60} />}
      {data && data.unknown !== '' && <Unknown reason={data.unknown} asOf={data.as_of_ms ?? null} />}
      {data && data.unknown === '' && data.rows.length === 0 && 'None waits.'}
      {data && data.rows.length > 0 && (
        <ul>
          {data.rows.map((row) => (
            <li key={row.key}>
              <strong>{row.key}</strong> {versions(row)}
              {row.cells.security === true && <span className={classes.second}> security</span>}
            </li>
          ))}
        </ul>
      )}
      {data && data.total > data.rows.length && (
        <div className={classes.second}>and {counted(data.total - data.rows.length, 'more', 'more')}</div>
      )}
      {data && <div className={classes.second}>{asOfText(data.as_of_ms)}</div>}
    </section>
  );
}

function versions({ cells }: ProbeRow): string {
  const word = (value: unknown) => (typeof value === 'string' ? value : '');
  const from = word(cells.installed_version);
  const to = word(cells.available_version);
  return from && to ? `${from} → ${to}` : to;
}
