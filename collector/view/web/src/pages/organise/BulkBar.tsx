import { Button } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useMay } from '../../app/useMay';
import { counted } from '../../format/words';
import type { Selection } from '../../table/useSelection';
import type { ChosenDevice } from './chosenDevices';
import type { Deed } from './DeedDialog';
import classes from './organise.module.css';

const DeedDialog = lazy(async () => ({ default: (await import('./DeedDialog')).DeedDialog }));

/** What can be done with the devices that are selected. */
export function BulkBar({ selection }: { selection: Selection<ChosenDevice> }) {
  const [deed, setDeed] = useState<Deed | null>(null);
  const mayChange = useMay('devices.write');
  const { rows } = selection;
  const devices = useMemo(() => new Map(rows.map((device) => [device.id, device])), [rows]);
  // Of some it is not known, since they were not in sight; each is answered for.
  const mayRetire = rows.some(({ revoked }) => revoked !== true);
  const mayRestore = rows.some(({ revoked }) => revoked !== false);
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
          {mayRetire && button('retire', 'Retire…')}
          {mayRestore && button('restore', 'Take back…')}
          {mayRestore && button('purge', 'Delete for ever…')}
          <Button size="compact-xs" variant="subtle" onClick={selection.clear}>
            Clear selection
          </Button>
        </div>
      )}
      {deed && (
        <Suspense fallback={null}>
          <DeedDialog deed={deed} devices={devices} onClose={() => setDeed(null)} onDone={selection.clear} />
        </Suspense>
      )}
    </>
  );
}
