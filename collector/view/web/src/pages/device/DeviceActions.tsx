import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { restoreDevices, starDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { StarButton } from '../../parts/StarButton';
import { BulkDialog } from '../organise/BulkDialog';
import { PurgeDialog } from '../organise/PurgeDialog';
import { RetireDialog } from '../organise/RetireDialog';
import { EditDeviceDialog } from './EditDeviceDialog';

type Deed = 'edit' | 'retire' | 'restore' | 'purge';

/** What a person may change about a device. */
export function DeviceActions({ device }: { device: DeviceRow }) {
  const [deed, setDeed] = useState<Deed | null>(null);
  const mayChange = useMay('devices.write');
  const navigate = useNavigate();
  const devices = new Map([[device.id, device]]);
  const close = () => setDeed(null);
  const leave = () => void navigate({ to: '/customers/$customerId/devices', params: { customerId: device.customer_id } });
  const button = (what: Deed, label: string) => (
    <Button size="xs" variant="default" onClick={() => setDeed(what)}>
      {label}
    </Button>
  );
  return (
    <Group gap="xs">
      <StarButton
        name={device.name}
        starred={device.favourite}
        onChange={(starred) => starDevice(device.id, starred)}
        touches={['devices', 'device']}
      />
      {mayChange && button('edit', 'Edit')}
      {mayChange && !device.revoked && button('retire', 'Retire')}
      {mayChange && device.revoked && button('restore', 'Take back')}
      {mayChange && device.revoked && button('purge', 'Delete for ever')}
      {deed === 'edit' && <EditDeviceDialog device={device} onClose={close} />}
      {deed === 'retire' && <RetireDialog devices={devices} onClose={close} onDone={close} />}
      {deed === 'purge' && <PurgeDialog devices={devices} onClose={close} onDone={leave} />}
      {deed === 'restore' && (
        <BulkDialog
          title={`Take ${device.name} back?`}
          devices={devices}
          action="Take back"
          act={restoreDevices}
          onClose={close}
          onDone={close}
        >
          It may connect again with the certificate that it has.
        </BulkDialog>
      )}
    </Group>
  );
}
