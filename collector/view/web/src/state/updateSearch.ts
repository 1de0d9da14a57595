import { text, type RawSearch } from './url';

/** What the list of versions by device is restricted to, as it stands in the address. */
export interface UpdateSearch {
  version?: string;
  search?: string;
}

export function readUpdateSearch(raw: RawSearch): UpdateSearch {
  return { version: text(raw, 'version'), search: text(raw, 'search') };
}
