import { createContext, lazy, Suspense, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import type { DeviceRow } from '../../api/types';
import { Loading } from '../../parts/Loading';

/** A device, as the row of a list names it. */
export interface ManagedDevice {
  id: string;
  name: string;
  /** All of it, where the list has it. */
  row?: DeviceRow;
}

export interface AskedMenu {
  device: ManagedDevice;
  /** The button at which the menu stands. */
  anchor: HTMLElement;
}

interface Desk {
  /** Id of the device whose menu is open. */
  opened: string | undefined;
  /** Opens the menu at the button, or closes it where it is open. */
  toggle: (device: ManagedDevice, anchor: HTMLElement) => void;
}

const DeskContext = createContext<Desk | null>(null);

// A list is there before anybody presses anything in it.
const ManageDesk = lazy(async () => ({ default: (await import('./ManageDesk')).ManageDesk }));

export function useManageDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error('There is no ManageProvider around this.');
  return desk;
}

/** Lets every row within manage its device, with one menu and one dialog for all of them. */
export function ManageProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<AskedMenu | null>(null);
  const [isNeeded, setNeeded] = useState(false);
  const close = useCallback(() => setAsked(null), []);
  const opened = asked?.device.id;
  const desk = useMemo<Desk>(
    () => ({
      opened,
      toggle: (device, anchor) => {
        setNeeded(true);
        setAsked(device.id === opened ? null : { device, anchor });
      },
    }),
    [opened],
  );
  return (
    <DeskContext value={desk}>
      {children}
      {isNeeded && (
        <Suspense fallback={<Loading label="menu" height={0} />}>
          <ManageDesk asked={asked} onClose={close} />
        </Suspense>
      )}
    </DeskContext>
  );
}
