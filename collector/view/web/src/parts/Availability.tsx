import type { DeviceRow } from '../api/types';
import { stamp } from '../format/time';
import { capitalised } from '../format/words';
import classes from './Availability.module.css';

export function availabilityTip(device: DeviceRow): string {
  const lines = [];
  if (device.availability_reason) lines.push(capitalised(device.availability_reason));
  if (typeof device.availability_since_ms === 'number') lines.push(`Since ${stamp(device.availability_since_ms)}`);
  lines.push(typeof device.last_seen_ms === 'number' ? `Last seen ${stamp(device.last_seen_ms)}` : 'Never seen');
  return lines.join('\n');
}

/** A filled dot is online, a ring is not; the word says it in any case. */
export function Availability({ device }: { device: DeviceRow }) {
  return (
    <span
      className={classes.availability}
      data-availability={device.availability}
      data-tip={availabilityTip(device)}
      tabIndex={0}
    >
      {capitalised(device.availability)}
    </span>
  );
}
