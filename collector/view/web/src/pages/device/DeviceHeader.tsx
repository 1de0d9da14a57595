import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef, type ReactNode } from 'react';
import type { DeviceRow } from '../../api/types';
import { duration, stamp } from '../../format/time';
import { bytes, integer } from '../../format/units';
import { Availability } from '../../parts/Availability';
import { CopyFacts } from '../../parts/CopyFacts';
import { WarningNotice } from '../../parts/Notice';
import { ObservedValue, Unknown } from '../../parts/Observed';
import { AlertCountLinks } from '../devices/AlertCountLinks';
import { LastLoginCell } from '../devices/LastLoginCell';
import { PatchesCell } from '../devices/PatchesCell';
import { RebootCell } from '../devices/RebootCell';
import classes from './device.module.css';
import { heldBackText } from './losses';

const DeviceActions = lazy(async () => ({ default: (await import('./DeviceActions')).DeviceActions }));

export function DeviceHeader({ device }: { device: DeviceRow }) {
  const facts = useRef<HTMLDListElement>(null);
  return (
    <header className={classes.header}>
      <nav aria-label="Breadcrumb" className={classes.crumb}>
        <Link to="/">Customers</Link>
        <span aria-hidden="true">/</span>
        <Link to="/customers/$customerId/devices" params={{ customerId: device.customer_id }}>
          {device.customer_name}
        </Link>
      </nav>
      <div className={classes.titleRow}>
        <h1>{device.name}</h1>
        <Availability device={device} />
        <span className={classes.since}>{availabilityWords(device)}</span>
        <span className={classes.push} />
        <CopyFacts name={`what is known of ${device.name}`} list={facts} />
        <Suspense fallback={null}>
          <DeviceActions device={device} />
        </Suspense>
      </div>
      <ClockWarning device={device} />
      <dl ref={facts} className={classes.facts}>
        <Fact name="Machine name">
          <ObservedValue of={device.host_name}>{(name) => name}</ObservedValue>
        </Fact>
        <Fact name="Folder">{device.folder || 'none'}</Fact>
        <Fact name="Monitored">{device.monitored ? 'Yes' : 'No: it raises no alerts'}</Fact>
        <Fact name="Device type">
          <ObservedValue of={device.device_type}>{(type) => type}</ObservedValue>
        </Fact>
        <Fact name="Operating system">
          <ObservedValue of={device.os_name}>{(name) => name}</ObservedValue>
        </Fact>
        <Fact name="Memory">
          <ObservedValue of={device.memory_bytes}>{bytes}</ObservedValue>
        </Fact>
        <Fact name="IP addresses">{device.addresses.join(', ') || 'none reported'}</Fact>
        <Fact name="Last login">
          <LastLoginCell device={device} compact={false} />
        </Fact>
        <Fact name="Open alerts">
          <AlertCountLinks counts={device.alerts} customer={device.customer_id} device={device.id} />
        </Fact>
        <Fact name="Pending reboot">
          <RebootCell device={device} />
        </Fact>
        <Fact name="Available patches">
          <PatchesCell device={device} />
        </Fact>
        <Fact name="Services stopped">
          <ObservedValue of={device.services_stopped}>{integer}</ObservedValue>
        </Fact>
        <Fact name="Users now">
          <ObservedValue of={device.users}>{integer}</ObservedValue>
        </Fact>
        <Fact name="Agent">
          {device.agent_version || 'version unknown'}, enrolled {stamp(device.enrolled_ms)}
        </Fact>
        <StillToCome device={device} />
      </dl>
    </header>
  );
}

function availabilityWords(device: DeviceRow): string {
  const words = [];
  if (device.availability_reason) words.push(device.availability_reason);
  if (typeof device.availability_since_ms === 'number') words.push(`since ${stamp(device.availability_since_ms)}`);
  return words.join(', ');
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What the device observed while it could not tell, and has not sent yet; nothing where it holds nothing back. */
function StillToCome({ device: { availability, held_back: held, revoked } }: { device: DeviceRow }) {
  if (revoked) return null;
  if (!held) {
    return (
      <Fact name="Still to come">
        <Unknown reason={availability === 'online' ? 'not_yet_read' : 'not_connected'} />
      </Fact>
    );
  }
  const words = heldBackText(held);
  if (!words) return null;
  return (
    <Fact name="Still to come">
      <span data-tip="At most so many: the device kept them while it could not reach the collector, and sends them now.">
        {words}
      </span>
    </Fact>
  );
}

function ClockWarning({ device: { clock_offset_ms: offset } }: { device: DeviceRow }) {
  if (typeof offset !== 'number') return null;
  return (
    <WarningNotice>
      The clock of this device is {duration(Math.abs(offset))} {offset > 0 ? 'ahead' : 'behind'}: times that it tells are
      off by as much. Check its time service.
    </WarningNotice>
  );
}
