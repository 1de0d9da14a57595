import type { Severity } from '../state/vocabulary';
import { capitalised } from '../format/words';
import { IconCritical, IconInformation, IconWarning } from './icons';
import classes from './Severity.module.css';

const ICONS = { critical: IconCritical, warning: IconWarning, information: IconInformation };

export function SeverityIcon({ severity }: { severity: string }) {
  const Icon = ICONS[severity as Severity];
  return <Icon size={15} />;
}

/** Shape, word and colour: any one of them is enough. */
export function SeverityLabel({ severity }: { severity: string }) {
  return (
    <span className={classes.label} data-severity={severity}>
      {severity in ICONS && <SeverityIcon severity={severity} />}
      {capitalised(severity)}
    </span>
  );
}
