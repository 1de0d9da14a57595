import { Link } from '@tanstack/react-router';
import { CHART_RANGES, type ChartRange } from '../../state/chartRange';
import classes from './device.module.css';

interface RangeChoiceProps {
  deviceId: string;
  current: ChartRange;
}

/** How far back the charts go; carried in the address. */
export function RangeChoice({ deviceId, current }: RangeChoiceProps) {
  return (
    <nav aria-label="Range of the charts" className={classes.ranges}>
      {Object.entries(CHART_RANGES).map(([range, { label, name }]) => (
        <Link
          key={range}
          to="/devices/$deviceId"
          params={{ deviceId }}
          search={{ range: range as ChartRange }}
          replace
          title={name}
          aria-current={range === current ? 'true' : undefined}
          data-current={range === current || undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
