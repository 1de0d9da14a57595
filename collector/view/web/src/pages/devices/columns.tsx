import type { DeviceRow } from '../../api/types';
import { stamp } from '../../format/time';
import { bytes, integer } from '../../format/units';
import { Availability } from '../../parts/Availability';
import { Meter } from '../../parts/Meter';
import { ObservedValue, Unknown } from '../../parts/Observed';
import { RowLink } from '../../parts/RowLink';
import type { TableColumn } from '../../table/columns';
import { ConnectButton } from '../manage/ConnectButton';
import { ManageButton } from '../manage/ManageButton';
import { AlertCountLinks } from './AlertCountLinks';
import { LastLoginCell } from './LastLoginCell';
import { NameCell } from './NameCell';
import { PatchesCell } from './PatchesCell';
import { RebootCell } from './RebootCell';
import classes from './devices.module.css';

/** Every column of the Devices tab, in its own order. */
export const deviceColumns: TableColumn<DeviceRow>[] = [
  {
    id: 'name',
    label: 'Device name',
    permanent: 'first',
    width: 258,
    compactWidth: 276,
    card: 'title',
    sort: 'name',
    cell: (device, context) => <NameCell device={device} context={context} />,
  },
  {
    id: 'last_login',
    label: 'Last login',
    meaning: 'Who last logged in, and when',
    width: 168,
    compactWidth: 270,
    card: 'half',
    sort: 'last_login',
    csv: ['last_login', 'last_login_user'],
    cell: (device, { compact }) => <LastLoginCell device={device} compact={compact} />,
  },
  {
    id: 'type',
    label: 'Device type',
    width: 84,
    sort: 'type',
    cell: (device) => <ObservedValue of={device.device_type}>{(type) => type}</ObservedValue>,
  },
  {
    id: 'availability',
    label: 'Availability',
    width: 102,
    card: 'corner',
    sort: 'availability',
    cell: (device) => <Availability device={device} />,
  },
  {
    id: 'alerts',
    label: 'Alerts',
    meaning: 'Open alerts: critical, warning, information',
    width: 144,
    card: 'half',
    sort: 'alerts',
    csv: ['alerts_critical', 'alerts_warning', 'alerts_information'],
    cell: (device) => (
      <AlertCountLinks counts={device.alerts} customer={device.customer_id} device={device.id} />
    ),
  },
  {
    id: 'customer',
    label: 'Customer name',
    width: 102,
    compactWidth: 130,
    sort: 'customer',
    cell: (device) => (
      <RowLink href={`/customers/${device.customer_id}/devices`} title={device.customer_name}>
        {device.customer_name}
      </RowLink>
    ),
  },
  {
    id: 'folder',
    label: 'Folder name',
    width: 116,
    compactWidth: 140,
    sort: 'folder',
    cell: (device) =>
      device.folder_id ? (
        <span className={classes.cut} title={device.folder}>
          {device.folder}
        </span>
      ) : (
        <span className={classes.second}>none</span>
      ),
  },
  {
    id: 'pending_reboot',
    label: 'Pending reboot',
    width: 110,
    compactWidth: 160,
    card: 'half',
    sort: 'pending_reboot',
    cell: (device) => <RebootCell device={device} />,
  },
  {
    id: 'patches',
    label: 'Available patches',
    width: 100,
    compactWidth: 140,
    card: 'half',
    sort: 'patches',
    csv: ['patches', 'security_patches'],
    cell: (device, { compact }) => <PatchesCell device={device} stacked={!compact} />,
  },
  {
    id: 'os',
    label: 'Operating system',
    width: 124,
    compactWidth: 190,
    sort: 'os',
    cell: (device, { compact }) => (
      <ObservedValue of={device.os_name}>
        {(name) => (
          <span className={compact ? classes.cut : classes.wrapped} title={name}>
            {name}
          </span>
        )}
      </ObservedValue>
    ),
  },
  {
    id: 'cpu',
    label: 'CPU',
    meaning: 'Share of all processors that worked',
    width: 74,
    compactWidth: 112,
    sort: 'cpu',
    cell: (device, { compact }) => (
      <ObservedValue of={device.cpu_percent}>{(value) => <Meter value={value} stacked={!compact} />}</ObservedValue>
    ),
  },
  {
    id: 'memory',
    label: 'Memory',
    meaning: 'Share in use, of what there is',
    width: 86,
    compactWidth: 112,
    sort: 'memory',
    csv: ['memory', 'memory_bytes'],
    cell: (device, { compact }) => (
      <span className={compact ? undefined : classes.twoLines}>
        <ObservedValue of={device.memory_percent}>{(value) => <Meter value={value} stacked={!compact} />}</ObservedValue>
        {!compact && (
          <span className={classes.second}>
            of <ObservedValue of={device.memory_bytes}>{bytes}</ObservedValue>
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'services',
    label: 'Services stopped',
    meaning: 'Services that should run and do not, of all',
    width: 84,
    sort: 'services_stopped',
    csv: ['services_stopped', 'services'],
    cell: (device) => (
      <ObservedValue of={device.services_stopped}>
        {(stopped) => (
          <>
            {integer(stopped)}
            {typeof device.services.value === 'number' && (
              <span className={classes.second}> of {integer(device.services.value)}</span>
            )}
          </>
        )}
      </ObservedValue>
    ),
  },
  {
    id: 'users',
    label: 'Users now',
    meaning: 'Sessions at this moment',
    width: 74,
    sort: 'users',
    hidden: true,
    cell: (device) => <ObservedValue of={device.users}>{integer}</ObservedValue>,
  },
  {
    id: 'monitored',
    label: 'Monitored',
    meaning: 'Whether it raises alerts',
    width: 86,
    hidden: true,
    cell: (device) => (device.monitored ? 'Yes' : 'No'),
  },
  {
    id: 'last_seen',
    label: 'Last seen',
    width: 180,
    sort: 'last_seen',
    hidden: true,
    cell: (device) =>
      typeof device.last_seen_ms === 'number' ? stamp(device.last_seen_ms) : <Unknown reason="never connected" />,
  },
  {
    id: 'host_name',
    label: 'Machine name',
    width: 160,
    csv: ['machine_name'],
    hidden: true,
    cell: (device) => <ObservedValue of={device.host_name}>{(name) => name}</ObservedValue>,
  },
  {
    id: 'addresses',
    label: 'IP addresses',
    width: 180,
    csv: ['address'],
    hidden: true,
    cell: (device) => device.addresses.join(', ') || <Unknown reason="none reported" />,
  },
  {
    id: 'agent',
    label: 'Agent version',
    width: 115,
    csv: ['agent_version'],
    hidden: true,
    cell: (device) => device.agent_version || <Unknown reason="not_yet_read" />,
  },
  {
    id: 'actions',
    label: 'Actions',
    permanent: 'last',
    width: 104,
    card: 'half',
    csv: [],
    cell: (device) => <ManageButton device={{ id: device.id, name: device.name, row: device }} />,
  },
  {
    id: 'remote_access',
    label: 'Remote access',
    permanent: 'last',
    width: 90,
    card: 'half',
    csv: [],
    cell: (device) => <ConnectButton name={device.name} />,
  },
];
