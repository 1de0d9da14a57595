import { Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useImperativeHandle, type Ref } from 'react';
import { catalogueQuery, deviceQuery, starDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { ProblemNotice } from '../../parts/Notice';
import type { Deed } from '../organise/DeedDialog';
import type { AskedMenu } from './ManageProvider';

/** Probes whose tables one goes to from here, where the collector knows them. */
const TABLES = ['patches', 'software', 'services', 'sessions'];

interface ManageMenuProps {
  asked: AskedMenu;
  onClose: () => void;
  onAsk: (deed: Deed | 'edit', device: DeviceRow) => void;
}

/** Everything that can be done with one device, at the button that was pressed. */
export function ManageMenu({ asked: { device: managed, anchor }, onClose, onAsk }: ManageMenuProps) {
  const { data, error } = useQuery(deviceQuery(managed.id));
  const device = data ?? managed.row;
  const close = () => {
    // The menu goes as a whole, and with it what has the focus.
    anchor.focus();
    onClose();
  };
  return (
    // What Mantine puts first to be focused is no item, and a menu may hold nothing else.
    <Menu
      opened
      onClose={close}
      position="bottom-end"
      shadow="md"
      width={230}
      transitionProps={{ duration: 0 }}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <Anchor element={anchor} />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Manage ${managed.name}`} aria-busy={!device && !error}>
        {device && <Items device={device} onAsk={onAsk} />}
        {!device && <Menu.Item disabled>{error ? 'The device could not be read' : 'Loading the device …'}</Menu.Item>}
        {!device && error && <ProblemNotice error={error} />}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Lends the menu a button that stands elsewhere. */
function Anchor({ element, ref }: { element: HTMLElement; ref?: Ref<HTMLElement> }) {
  useImperativeHandle(ref, () => element, [element]);
  return null;
}

interface ItemsProps {
  device: DeviceRow;
  onAsk: ManageMenuProps['onAsk'];
}

function Items({ device, onAsk }: ItemsProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: catalogue } = useQuery(catalogueQuery);
  const mayChange = useMay('devices.write');
  const seesUpdates = useMay('updates.read');
  const star = useMutation({
    mutationFn: () => starDevice(device.id, !device.favourite),
    onSettled: () => Promise.all(['devices', 'device'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const go = (section: string | undefined) =>
    void navigate({ to: '/devices/$deviceId', params: { deviceId: device.id }, search: { section } });
  const tables = TABLES.flatMap((name) => catalogue?.probes.filter((probe) => probe.name === name) ?? []);
  return (
    <>
      <Menu.Label>Look at</Menu.Label>
      <Menu.Item onClick={() => go(undefined)}>Overview</Menu.Item>
      {tables.map(({ name, label }) => (
        <Menu.Item key={name} onClick={() => go(name)}>
          {label}
        </Menu.Item>
      ))}
      {seesUpdates && <Menu.Item onClick={() => go('updates')}>Agent updates</Menu.Item>}
      <Menu.Divider />
      <Menu.Item onClick={() => star.mutate()}>{device.favourite ? 'No longer a favourite' : 'Make it a favourite'}</Menu.Item>
      {mayChange && <Changes device={device} onAsk={onAsk} />}
    </>
  );
}

/** What not everybody may do. */
function Changes({ device, onAsk }: ItemsProps) {
  return (
    <>
      <Menu.Item onClick={() => onAsk('edit', device)}>Edit name and folder…</Menu.Item>
      <Menu.Item onClick={() => onAsk('move', device)}>Edit relations…</Menu.Item>
      {device.monitored ? (
        <Menu.Item onClick={() => onAsk('unmonitor', device)}>Do not monitor…</Menu.Item>
      ) : (
        <Menu.Item onClick={() => onAsk('monitor', device)}>Monitor…</Menu.Item>
      )}
      <Menu.Divider />
      {!device.revoked && <Menu.Item onClick={() => onAsk('retire', device)}>Retire…</Menu.Item>}
      {device.revoked && <Menu.Item onClick={() => onAsk('restore', device)}>Take back…</Menu.Item>}
      {device.revoked && (
        <Menu.Item color="red.8" onClick={() => onAsk('purge', device)}>
          Delete for ever…
        </Menu.Item>
      )}
    </>
  );
}
