import { Link } from '@tanstack/react-router';
import type { DeviceRow } from '../../api/types';
import { IconDevice, IconServer } from '../../parts/icons';
import classes from './devices.module.css';

interface NameCellProps {
  device: DeviceRow;
  compact: boolean;
}

/** The name, and in detailed rows what else one searches by: machine name and addresses. */
export function NameCell({ device, compact }: NameCellProps) {
  const Icon = device.device_type.value === 'Server' ? IconServer : IconDevice;
  const host = device.host_name.value;
  const second = [host && host !== device.name ? host : null, ...device.addresses].filter(Boolean).join(' · ');
  return (
    <span className={classes.nameCell}>
      <Icon />
      <span className={classes.names}>
        <Link to="/devices/$deviceId" params={{ deviceId: device.id }} className={classes.name} title={device.name}>
          {device.name}
        </Link>
        {!compact && second && (
          <span className={classes.second} title={second}>
            {second}
          </span>
        )}
      </span>
    </span>
  );
}
