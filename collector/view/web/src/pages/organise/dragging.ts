import { useMediaQuery } from '@mantine/hooks';
import { createContext, useMemo, useState, type DragEvent } from 'react';
import type { DeviceRow, FolderRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { counted } from '../../format/words';
import type { Selection } from '../../table/useSelection';
import classes from './organise.module.css';

/** Tells what is dragged here from files and words that come from elsewhere. */
const DRAG_TYPE = 'application/x-rollcall';
/** A finger scrolls where a mouse drags; it has the dialog, as keys have. */
const MOUSE = '(any-pointer: fine)';
const BESIDE_POINTER_PX = -12;

export interface DraggedDevice {
  id: string;
  name?: string | undefined;
  /** Where it lay; undefined: nobody knows. */
  folder_id?: string | null | undefined;
}

/** Devices on their way to a folder. */
export interface DeviceDrag {
  devices: readonly DraggedDevice[];
  /** They have come there. */
  onMoved: () => void;
}

interface Dragger {
  begin: (event: DragEvent, device: DeviceRow) => void;
  end: () => void;
}

/** How a row's device is dragged; null where it cannot be. */
export const DraggerContext = createContext<Dragger | null>(null);

/** Begins to drag something; `label` is what one sees beside the pointer. */
export function beginDrag({ dataTransfer }: DragEvent, label: string): void {
  const image = document.createElement('div');
  image.className = classes.dragged ?? '';
  image.textContent = label;
  document.body.append(image);
  dataTransfer.setData(DRAG_TYPE, label);
  dataTransfer.effectAllowed = 'move';
  dataTransfer.setDragImage(image, BESIDE_POINTER_PX, BESIDE_POINTER_PX);
  // The browser has its picture once the event is over.
  setTimeout(() => image.remove());
}

export function isOurs({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes(DRAG_TYPE);
}

/** Devices are dragged one by one, or all that are selected by one of them. */
export function useDeviceDrag<Device extends DraggedDevice>(
  selection: Pick<Selection<Device>, 'rows' | 'has' | 'set'>,
) {
  const mayMove = useMay('devices.write');
  const hasMouse = useMediaQuery(MOUSE, false, { getInitialValueInEffect: false });
  const { rows, has, set } = selection;
  const [drag, setDrag] = useState<DeviceDrag | null>(null);
  const dragger = useMemo<Dragger | null>(() => {
    if (!mayMove || !hasMouse) return null;
    return {
      begin: (event, device) => {
        const isChosen = has(device.id);
        const devices = isChosen ? rows : [device];
        beginDrag(event, devices.length === 1 ? device.name : counted(devices.length, 'device'));
        setDrag({ devices, onMoved: () => isChosen && set(rows, false) });
      },
      end: () => setDrag(null),
    };
  }, [mayMove, hasMouse, rows, has, set]);
  return { dragger, drag };
}

/** True where it is no way round in a circle, and something changes. */
export function mayLieIn(folder: FolderRow, place: FolderRow | null, folders: readonly FolderRow[]): boolean {
  if ((folder.parent_id ?? null) === (place?.id ?? null)) return false;
  for (let above = place; above; ) {
    if (above.id === folder.id) return false;
    const { parent_id: next } = above;
    above = folders.find(({ id }) => id === next) ?? null;
  }
  return true;
}
