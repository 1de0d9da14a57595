import { percent } from '../format/units';
import classes from './Meter.module.css';

const HIGH = 90;

interface MeterProps {
  value: number;
  /** The bar below the number, for a narrow column. */
  stacked?: boolean;
}

/** A share as a number and a bar. */
export function Meter({ value, stacked = false }: MeterProps) {
  return (
    <span className={stacked ? classes.stacked : classes.meter}>
      <span className={classes.number}>{percent(value)}</span>
      <span className={classes.track} aria-hidden="true">
        <span
          className={classes.bar}
          data-high={value >= HIGH || undefined}
          style={{ width: `${Math.min(100, Math.max(0, value))}%` }}
        />
      </span>
    </span>
  );
}
