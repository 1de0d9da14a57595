import type { QueryClient } from '@tanstack/react-query';
import { devicesSource, sessionQuery } from '../api/requests';
import { deviceFilter, readDeviceSearch } from '../state/deviceSearch';
import { parseSearch } from '../state/url';
import { pageQuery } from '../table/usePagedRows';

/** `/devices`, and `/customers/ID/devices`. */
const DEVICES = /^(?:\/customers\/([^/]+))?\/devices$/;

/**
 * Asks for the session and for the first rows while the page is still being drawn, which takes longer than the answers.
 * What fails is asked for again by whoever shows it.
 */
export async function askEarly(queries: QueryClient, { pathname, search }: Location): Promise<void> {
  const session = await queries.query(sessionQuery);
  const list = DEVICES.exec(pathname);
  if (!list || !session?.permissions.includes('devices.read')) return;
  const source = devicesSource(list[1], deviceFilter(readDeviceSearch(parseSearch(search))));
  await queries.query(pageQuery(source, 0));
}
