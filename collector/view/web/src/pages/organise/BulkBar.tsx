import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { monitorDevices, restoreDevices } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { counted } from '../../format/words';
import type { Selection } from '../../table/useSelection';
import { BulkDialog } from './BulkDialog';
import { MoveDialog } from './MoveDialog';
import classes from './organise.module.css';
import { PurgeDialog } from './PurgeDialog';
import { RetireDialog } from './RetireDialog';

type Deed = 'move' | 'monitor' | 'unmonitor' | 'retire' | 'restore' | 'purge';

/** What can be done with the devices that are selected. */
export function BulkBar({ customer, selection }: { customer: string; selection: Selection<DeviceRow> }) {
  const [deed, setDeed] = useState<Deed | null>(null);
  const mayChange = useMay('devices.write');
  const { rows } = selection;
  const devices = useMemo(() => new Map(rows.map((device) => [device.id, device])), [rows]);
  const retired = rows.filter(({ revoked }) => revoked).length;
  const asked = { devices, onClose: () => setDeed(null), onDone: selection.clear };
  const button = (what: Deed, label: string) => (
    <Button key={what} size="compact-xs" variant="default" onClick={() => setDeed(what)}>
      {label}
    </Button>
  );
  return (
    <>
      {devices.size > 0 && mayChange && (
        <div className={classes.bulk} role="group" aria-label="Selected devices">
          <strong aria-live="polite">{counted(devices.size, 'device')} selected</strong>
          {button('move', 'Edit relations…')}
          {button('monitor', 'Monitor…')}
          {button('unmonitor', 'Do not monitor…')}
          {retired < devices.size && button('retire', 'Retire…')}
          {retired > 0 && button('restore', 'Take back…')}
          {retired > 0 && button('purge', 'Delete for ever…')}
          <Button size="compact-xs" variant="subtle" onClick={selection.clear}>
            Clear selection
          </Button>
        </div>
      )}
      {deed === 'move' && <MoveDialog customer={customer} {...asked} />}
      {deed === 'retire' && <RetireDialog {...asked} />}
      {deed === 'purge' && <PurgeDialog {...asked} />}
      {deed === 'monitor' && (
        <BulkDialog
          title={`Monitor ${counted(devices.size, 'device')}?`}
          action="Monitor"
          act={(ids) => monitorDevices(ids, true)}
          {...asked}
        >
          What is not well with them raises alerts again, after its usual time.
        </BulkDialog>
      )}
      {deed === 'unmonitor' && (
        <BulkDialog
          title={`Do not monitor ${counted(devices.size, 'device')}?`}
          action="Do not monitor"
          act={(ids) => monitorDevices(ids, false)}
          {...asked}
        >
          Their open alerts resolve and they raise no new ones. What they tell is shown all the same.
        </BulkDialog>
      )}
      {deed === 'restore' && (
        <BulkDialog
          title={`Take ${counted(retired, 'device')} back?`}
          action="Take back"
          act={restoreDevices}
          {...asked}
        >
          They may connect again with the certificate that they have.
        </BulkDialog>
      )}
    </>
  );
}
