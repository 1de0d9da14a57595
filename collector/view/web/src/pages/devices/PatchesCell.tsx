import type { DeviceRow } from '../../api/types';
import { integer } from '../../format/units';
import { IconShield } from '../../parts/icons';
import { ObservedValue } from '../../parts/Observed';
import classes from './devices.module.css';

interface PatchesCellProps {
  device: DeviceRow;
  /** In two lines, for a narrow column. */
  stacked?: boolean;
}

/** How many patches wait, and how many of them close a security hole. */
export function PatchesCell({ device, stacked = false }: PatchesCellProps) {
  const security = device.security_patches;
  return (
    <ObservedValue of={device.patches}>
      {(count) => (
        <span className={stacked ? classes.twoLines : classes.patches}>
          {integer(count)}
          {typeof security.value === 'number' && security.value > 0 && (
            <span className={classes.security}>
              <IconShield size={13} /> {integer(security.value)} security
            </span>
          )}
          {security.value === null && count > 0 && <span className={classes.second}>security unknown</span>}
        </span>
      )}
    </ObservedValue>
  );
}
