import { flag, sortKey, text, words, type RawSearch } from './url';
import {
  AVAILABILITIES,
  CATEGORIES,
  DEVICE_TYPES,
  MONITORED,
  SEVERITIES,
  type Availability,
  type Category,
  type DeviceType,
  type Monitored,
  type Severity,
} from './vocabulary';

const SORT_KEYS = [
  'name',
  'last_login',
  'type',
  'availability',
  'alerts',
  'customer',
  'folder',
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
  monitored?: Monitored[];
  favourite?: true;
  /** Id of a folder, or `none`. */
  folder?: string;
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
  monitored: Monitored[];
  favourite: boolean;
  folder: string;
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
    monitored: words(raw, 'monitored', MONITORED),
    favourite: flag(raw, 'favourite'),
    folder: text(raw, 'folder'),
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
    monitored: search.monitored ?? [],
    favourite: search.favourite ?? false,
    folder: search.folder ?? '',
    filter: search.filter ?? '',
    sort: search.sort ?? '',
  };
}

/** True where something narrows the list. */
export function isNarrowed(filter: DeviceFilter): boolean {
  const chosen = [filter.type, filter.availability, filter.severity, filter.category, filter.monitored];
  const texts = filter.search + filter.filter + filter.folder;
  return texts !== '' || filter.reboot || filter.favourite || chosen.some((list) => list.length > 0);
}
