import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { catalogueQuery, evidenceQuery } from '../../api/requests';
import type { AlertEvidence, AlertRow } from '../../api/types';
import { duration, stamp } from '../../format/time';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { AlertPast } from './AlertPast';
import classes from './alerts.module.css';
import { statusText } from './work';

// Nobody waits for the rows because of what draws curves.
const EvidenceChart = lazy(async () => ({ default: (await import('./EvidenceChart')).EvidenceChart }));

/** Why an alert stands here: the rule, what was seen, the curve around it, who else has it, and what was done. */
export function Evidence({ alert }: { alert: AlertRow }) {
  const { data: evidence, error, refetch } = useQuery(evidenceQuery(alert.id));
  const { data: catalogue } = useQuery(catalogueQuery);
  const probe = catalogue?.probes.find(({ name }) => name === evidence?.probe);
  const column = probe?.columns.find(({ name }) => name === evidence?.column);
  const status = statusText(alert);
  return (
    <section className={classes.evidence} aria-label={`Evidence: ${alert.title}`}>
      <div>
        <p>{alert.explanation}</p>
        <dl className={classes.facts}>
          <dt>Seen when raised</dt>
          <dd>{alert.value || 'not recorded'}</dd>
          <dt>Seen last</dt>
          <dd>{alert.latest || 'not recorded'}</dd>
          {alert.subject && (
            <>
              <dt>Concerns</dt>
              <dd>{alert.subject}</dd>
            </>
          )}
          <dt>Raised</dt>
          <dd>{stamp(alert.created_ms)}</dd>
          {alert.resolved_ms !== null && (
            <>
              <dt>Stood</dt>
              <dd>{duration(alert.resolved_ms - alert.created_ms)}</dd>
            </>
          )}
          {status && (
            <>
              <dt>Status</dt>
              <dd className={classes.lines}>{status}</dd>
            </>
          )}
          {evidence && (
            <>
              <dt>Elsewhere</dt>
              <dd>
                <WhoElse evidence={evidence} />
              </dd>
            </>
          )}
        </dl>
      </div>
      <div className={classes.pictures}>
        {error && !evidence && <ProblemNotice error={error} retry={() => void refetch()} />}
        {!evidence && !error && <Loading label="evidence" height={150} />}
        {evidence?.series && column && (
          <Suspense fallback={<Loading label="curve" height={150} />}>
            <EvidenceChart alert={alert} evidence={evidence} series={evidence.series} column={column} />
          </Suspense>
        )}
        <AlertPast alert={alert} />
      </div>
    </section>
  );
}

/** Which other devices have the same alert now. */
function WhoElse({ evidence: { alike, others } }: { evidence: AlertEvidence }) {
  if (alike === 0) return <>no other device has it</>;
  return (
    <>
      {counted(alike, 'other device has', 'other devices have')} it now:
      <ul className={classes.others}>
        {others.map(({ id, device_id: device, device_name: name, customer_name: customer }) => (
          <li key={id}>
            <Link to="/devices/$deviceId" params={{ deviceId: device }}>
              {name}
            </Link>{' '}
            ({customer})
          </li>
        ))}
        {alike > others.length && <li>and {alike - others.length} more</li>}
      </ul>
    </>
  );
}
