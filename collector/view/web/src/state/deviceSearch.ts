import { flag, sortKey, text, words, type RawSearch } from './url';
import {
  AVAILABILITIES,
  CATEGORIES,
  DEVICE_TYPES,
  SEVERITIES,
  type Availability,
  type Category,
  type DeviceType,
  type Severity,
} from './vocabulary';

const SORT_KEYS = [
  'name',
  'last_login',
  'type',
  'availability',
  'alerts',
  'customer',
  'pending_reboot',
  'patches',
  'cpu',
  'memory',
  'os',
  'services_stopped',
  'users',
  'last_seen',
] as const;

/** What the address of the Devices tab may carry; absent is the default. */
export interface DeviceSearch {
  search?: string;
  type?: DeviceType[];
  availability?: Availability[];
  severity?: Severity[];
  category?: Category[];
  reboot?: true;
  /** An expression over columns and probes. */
  filter?: string;
  sort?: string;
  /** Id of the saved view that this began with. */
  view?: string;
}

export interface DeviceFilter {
  search: string;
  type: DeviceType[];
  availability: Availability[];
  severity: Severity[];
  category: Category[];
  reboot: boolean;
  filter: string;
  sort: string;
}

export function readDeviceSearch(raw: RawSearch): DeviceSearch {
  return {
    search: text(raw, 'search'),
    type: words(raw, 'type', DEVICE_TYPES),
    availability: words(raw, 'availability', AVAILABILITIES),
    severity: words(raw, 'severity', SEVERITIES),
    category: words(raw, 'category', CATEGORIES),
    reboot: flag(raw, 'reboot'),
    filter: text(raw, 'filter'),
    sort: sortKey(raw, SORT_KEYS),
    view: text(raw, 'view'),
  };
}

export function deviceFilter(search: DeviceSearch): DeviceFilter {
  return {
    search: search.search ?? '',
    type: search.type ?? [],
    availability: search.availability ?? [],
    severity: search.severity ?? [],
    category: search.category ?? [],
    reboot: search.reboot ?? false,
    filter: search.filter ?? '',
    sort: search.sort ?? '',
  };
}

/** True where something narrows the list. */
export function isNarrowed(filter: DeviceFilter): boolean {
  const chosen = [filter.type, filter.availability, filter.severity, filter.category];
  return filter.search !== '' || filter.filter !== '' || filter.reboot || chosen.some((list) => list.length > 0);
}
