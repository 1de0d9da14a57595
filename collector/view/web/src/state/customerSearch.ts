import { flag, sortKey, text, words, type RawSearch } from './url';
import { RANKS, type Rank } from './vocabulary';

const SORT_KEYS = ['name', 'rank', 'devices', 'online', 'alerts', 'pending_reboots', 'patches', 'created'] as const;

/** What the address of the list of customers may carry; absent is the default. */
export interface CustomerSearch {
  search?: string;
  rank?: Rank[];
  favourite?: true;
  sort?: string;
}

export interface CustomerFilter {
  search: string;
  rank: Rank[];
  favourite: boolean;
  sort: string;
}

/** All of them, by name. */
export const EVERY_CUSTOMER: CustomerFilter = { search: '', rank: [], favourite: false, sort: '' };

export function readCustomerSearch(raw: RawSearch): CustomerSearch {
  return {
    search: text(raw, 'search'),
    rank: words(raw, 'rank', RANKS),
    favourite: flag(raw, 'favourite'),
    sort: sortKey(raw, SORT_KEYS),
  };
}

export function customerFilter(search: CustomerSearch): CustomerFilter {
  return {
    search: search.search ?? '',
    rank: search.rank ?? [],
    favourite: search.favourite ?? false,
    sort: search.sort ?? '',
  };
}

export function isNarrowed(filter: CustomerFilter): boolean {
  return filter.search !== '' || filter.favourite || filter.rank.length > 0;
}
