import type { DeviceRow } from '../../api/types';
import { stamp } from '../../format/time';
import { ObservedValue, Unknown } from '../../parts/Observed';
import classes from './devices.module.css';

export function LastLoginCell({ device, compact }: { device: DeviceRow; compact: boolean }) {
  return (
    <ObservedValue of={device.last_login}>
      {({ user, at_ms: at }) => (
        <span className={compact ? classes.oneLine : classes.twoLines}>
          <span className={classes.cut}>{user}</span>
          <span className={classes.stamp}>{typeof at === 'number' ? stamp(at) : <Unknown reason="" />}</span>
        </span>
      )}
    </ObservedValue>
  );
}
