import { useQuery } from '@tanstack/react-query';
import { catalogueQuery, thresholdsQuery } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { duration, stamp } from '../../format/time';
import classes from './alerts.module.css';
import { EvidenceChart } from './EvidenceChart';

/** Why an alert stands here: the rule in words, what was seen then and now, and the curve around it. */
export function Evidence({ alert }: { alert: AlertRow }) {
  const { data: thresholds } = useQuery(thresholdsQuery);
  const { data: catalogue } = useQuery(catalogueQuery);
  const item = thresholds?.items.find(({ id }) => id === alert.item);
  const probe = catalogue?.probes.find(({ name }) => name === item?.probe);
  const column = probe?.columns.find(({ name }) => name === item?.column);
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
          {typeof alert.resolved_ms === 'number' && (
            <>
              <dt>Resolved</dt>
              <dd>
                {stamp(alert.resolved_ms)} (after {duration(alert.resolved_ms - alert.created_ms)})
              </dd>
            </>
          )}
        </dl>
      </div>
      {probe?.kind === 'series' && column && <EvidenceChart alert={alert} probe={probe} column={column} />}
    </section>
  );
}
