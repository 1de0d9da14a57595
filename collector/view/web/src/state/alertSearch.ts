import { sortKey, text, words, type RawSearch } from './url';
import {
  CATEGORIES,
  DEVICE_TYPES,
  SEVERITIES,
  STATUSES,
  type Category,
  type DeviceType,
  type Severity,
  type Status,
} from './vocabulary';

const SORT_KEYS = [
  'created',
  'severity',
  'title',
  'customer',
  'device',
  'category',
  'status',
  'type',
  'ticket',
  'assigned',
] as const;
/** What a technician has to look at; the rest must be asked for. */
const DEFAULT_STATUS: Status[] = ['open'];

/** What the address of the Alerts tab may carry; absent is the default. */
export interface AlertSearch {
  search?: string;
  severity?: Severity[];
  status?: Status[];
  category?: Category[];
  type?: DeviceType[];
  device?: string;
  /** An expression over columns and probes. */
  filter?: string;
  sort?: string;
  /** Id of the saved view that this began with. */
  view?: string;
}

export interface AlertFilter {
  search: string;
  severity: Severity[];
  status: Status[];
  category: Category[];
  type: DeviceType[];
  filter: string;
  sort: string;
}

export function readAlertSearch(raw: RawSearch): AlertSearch {
  return {
    search: text(raw, 'search'),
    severity: words(raw, 'severity', SEVERITIES),
    status: words(raw, 'status', STATUSES),
    category: words(raw, 'category', CATEGORIES),
    type: words(raw, 'type', DEVICE_TYPES),
    device: text(raw, 'device'),
    filter: text(raw, 'filter'),
    sort: sortKey(raw, SORT_KEYS),
    view: text(raw, 'view'),
  };
}

export function alertFilter(search: AlertSearch): AlertFilter {
  return {
    search: search.search ?? '',
    severity: search.severity ?? [],
    status: search.status ?? DEFAULT_STATUS,
    category: search.category ?? [],
    type: search.type ?? [],
    filter: search.filter ?? '',
    sort: search.sort ?? '',
  };
}

/** True where something narrows the list beyond its default. */
export function isNarrowed(filter: AlertFilter): boolean {
  const chosen = [filter.severity, filter.category, filter.type];
  const status = filter.status.length !== 1 || filter.status[0] !== 'open';
  return filter.search !== '' || filter.filter !== '' || status || chosen.some((list) => list.length > 0);
}
