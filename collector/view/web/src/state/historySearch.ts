import { words, type RawSearch } from './url';

export const HISTORY_KINDS = ['state', 'event', 'alert', 'action', 'gap'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** What a person calls the kinds. */
export const HISTORY_KIND_NAMES: Record<HistoryKind, string> = {
  state: 'Changes',
  event: 'Events',
  alert: 'Alerts',
  action: 'Actions of technicians',
  gap: 'Losses',
};

/** What of a device's history is shown; absent: all. */
export interface HistorySearch {
  kind?: HistoryKind[];
  /** Changes of these probes only. */
  probe?: string[];
  /** These events only. */
  event?: string[];
}

/** Names of the catalogue, which nobody knows before it has come. */
function names(raw: RawSearch, key: string): string[] | undefined {
  const value = raw[key];
  const given: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const kept = given.filter((name): name is string => typeof name === 'string' && /^[a-z0-9_]+$/.test(name));
  return kept.length > 0 ? kept : undefined;
}

export function readHistorySearch(raw: RawSearch): HistorySearch {
  return { kind: words(raw, 'kind', HISTORY_KINDS), probe: names(raw, 'probe'), event: names(raw, 'event') };
}
