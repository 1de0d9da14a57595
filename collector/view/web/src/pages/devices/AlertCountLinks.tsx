import type { AlertCounts } from '../../api/types';
import { integer } from '../../format/units';
import { counted } from '../../format/words';
import { RowLink } from '../../parts/RowLink';
import { SeverityIcon } from '../../parts/Severity';
import { stringifySearch } from '../../state/url';
import { SEVERITIES, type Severity } from '../../state/vocabulary';
import classes from './devices.module.css';

interface AlertCountLinksProps {
  counts: AlertCounts;
  customer: string;
  /** The device whose alerts they are; absent: the whole customer's. */
  device?: string;
}

/** Three counts, each a link to just these alerts. */
export function AlertCountLinks({ counts, customer, device }: AlertCountLinksProps) {
  return (
    <span className={classes.counts}>
      {SEVERITIES.map((severity) => (
        <CountLink key={severity} severity={severity} count={counts[severity]} customer={customer} device={device} />
      ))}
    </span>
  );
}

interface CountLinkProps extends Omit<AlertCountLinksProps, 'counts'> {
  severity: Severity;
  count: number;
}

function CountLink({ severity, count, customer, device }: CountLinkProps) {
  const name = counted(count, `${severity} alert`);
  const inside = (
    <>
      <SeverityIcon severity={severity} />
      {integer(count)}
    </>
  );
  if (count === 0) {
    return (
      <span className={classes.count} data-tip={name} data-none>
        {inside}
      </span>
    );
  }
  return (
    <RowLink
      href={`/customers/${customer}/alerts${stringifySearch({ severity, device })}`}
      className={classes.count}
      data-severity={severity}
      data-tip={name}
      aria-label={name}
    >
      {inside}
    </RowLink>
  );
}
