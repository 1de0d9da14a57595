import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { starDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { StarButton } from '../../parts/StarButton';
import { DeedDialog, type Deed } from '../organise/DeedDialog';
import { EditDeviceDialog } from './EditDeviceDialog';

/** What a person may change about a device. */
export function DeviceActions({ device }: { device: DeviceRow }) {
  const [deed, setDeed] = useState<Deed | 'edit' | null>(null);
  const mayChange = useMay('devices.write');
  const navigate = useNavigate();
  const close = () => setDeed(null);
  const leave = () => void navigate({ to: '/customers/$customerId/devices', params: { customerId: device.customer_id } });
  const button = (what: Deed | 'edit', label: string) => (
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
      {deed && deed !== 'edit' && (
        <DeedDialog
          deed={deed}
          devices={new Map([[device.id, device]])}
          onClose={close}
          onDone={deed === 'purge' ? leave : close}
        />
      )}
    </Group>
  );
}
