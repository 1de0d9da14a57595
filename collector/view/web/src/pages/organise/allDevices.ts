import { devicesSource } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import type { DeviceFilter } from '../../state/deviceSearch';

const PAGE_ROWS = 500;

/** Every device that the filter finds, of one customer or of all, page by page. */
export async function allDevices(customer: string | undefined, filter: DeviceFilter): Promise<DeviceRow[]> {
  const source = devicesSource(customer, filter);
  const all: DeviceRow[] = [];
  for (;;) {
    const { items, total } = await source.fetch(all.length, PAGE_ROWS, new AbortController().signal);
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}
