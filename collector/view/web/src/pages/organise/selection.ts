import { useCallback, useMemo, useState } from 'react';
import type { DeviceRow } from '../../api/types';

/** Devices that are chosen to be acted on together: by id, whatever the table shows of them meanwhile. */
export interface Selection {
  devices: ReadonlyMap<string, DeviceRow>;
  toggle: (device: DeviceRow) => void;
  add: (devices: readonly DeviceRow[]) => void;
  clear: () => void;
}

const NOBODY: ReadonlyMap<string, DeviceRow> = new Map();

export function useSelection(): Selection {
  const [devices, setDevices] = useState(NOBODY);
  const toggle = useCallback(
    (device: DeviceRow) =>
      setDevices((before) => {
        const next = new Map(before);
        if (!next.delete(device.id)) next.set(device.id, device);
        return next;
      }),
    [],
  );
  const add = useCallback(
    (more: readonly DeviceRow[]) =>
      setDevices((before) => new Map([...before, ...more.map((device) => [device.id, device] as const)])),
    [],
  );
  const clear = useCallback(() => setDevices(NOBODY), []);
  return useMemo(() => ({ devices, toggle, add, clear }), [devices, toggle, add, clear]);
}
