/** A device's history in words, and how it is laid out by days. */
import type { ActionNote, AlertNote, Catalogue, ProbeInfo, StateChange, TimelineEntry } from '../../api/types';
import { date, stamp } from '../../format/time';
import { cellText } from './cells';

/** What happened at one moment to rows of one probe in the same way, or one thing of another kind. */
export interface HistoryGroup {
  key: string;
  entries: TimelineEntry[];
}

export interface HistoryDay {
  name: string;
  groups: HistoryGroup[];
}

/** Columns that tell what it is that came or went. */
const COLUMNS_TOLD = 3;

function belongs(group: HistoryGroup, { at_ms: at, state }: TimelineEntry): boolean {
  const last = group.entries.at(-1);
  return state != null && last?.state?.probe === state.probe && last.state.what === state.what && last.at_ms === at;
}

function dayName(at: number, now: number): string {
  const day = date(at);
  if (day === date(now)) return `Today, ${day}`;
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  return day === date(yesterday.getTime()) ? `Yesterday, ${day}` : day;
}

/** Entries come newest first. The keys stay as they are when newer ones come in front. */
export function daysOf(entries: readonly TimelineEntry[], now: number): HistoryDay[] {
  const days: HistoryDay[] = [];
  entries.forEach((entry, place) => {
    const name = dayName(entry.at_ms, now);
    let day = days.at(-1);
    if (day?.name !== name) {
      day = { name, groups: [] };
      days.push(day);
    }
    const group = day.groups.at(-1);
    if (group && belongs(group, entry)) group.entries.push(entry);
    else day.groups.push({ key: `${entry.at_ms} ${entry.kind} ${entries.length - place}`, entries: [entry] });
  });
  return days;
}

export function probeOf(catalogue: Catalogue, change: StateChange): ProbeInfo | undefined {
  return catalogue.probes.find(({ name }) => name === change.probe);
}

/** `Installed`, `Changed`, `Removed`. */
export function changeWord(probe: ProbeInfo | undefined, { what }: StateChange): string {
  if (what === 'appeared') return probe?.appeared_label ?? 'Added';
  return what === 'vanished' ? (probe?.vanished_label ?? 'Removed') : 'Changed';
}

/** Of a row that changed, each value as it was and became; of others, what tells most about it. */
export function changeDetails(probe: ProbeInfo | undefined, { what, before, after }: StateChange): string[] {
  if (!probe) return [];
  if (what === 'changed') {
    return probe.columns.flatMap((column) => {
      if (!(column.name in after) && !(column.name in before)) return [];
      const now = cellText(after[column.name], column) ?? 'unknown';
      // What came before may be too old to be kept.
      if (Object.keys(before).length === 0) return [`${column.label}: ${now || '–'}`];
      const was = cellText(before[column.name], column) ?? 'unknown';
      return [`${column.label}: ${was || '–'} → ${now || '–'}`];
    });
  }
  const cells = what === 'appeared' ? after : before;
  const told = probe.columns.flatMap((column) => {
    const text = cellText(cells[column.name], column);
    return text ? [`${column.label}: ${text}`] : [];
  });
  return told.slice(0, COLUMNS_TOLD);
}

const ALERT_WORDS: Record<string, string> = {
  opened: 'Alert raised',
  resolved: 'Alert resolved',
  snoozed: 'Alert snoozed',
  woken: 'Snooze of the alert ended',
  reopened: 'Alert opened again',
  assigned: 'Alert assigned',
  ticket: 'Ticket of the alert',
  note: 'Note on the alert',
};

export function alertWord({ what, by }: AlertNote): string {
  const word = ALERT_WORDS[what] ?? `Alert: ${what.replaceAll('_', ' ')}`;
  return by ? `${word} by ${by}` : word;
}

/** What was seen, or what was written; empty where there is nothing to add. */
export function alertDetail({ what, value, text, until_ms: until }: AlertNote): string {
  if (what === 'snoozed') return typeof until === 'number' ? `until ${stamp(until)}` : 'until it changes';
  if (what === 'assigned') return `to ${text || 'nobody'}`;
  if (what === 'ticket') return text || 'removed';
  return text || value;
}

/** `anna renamed it`; then what from and to. */
export function actionWord({ what, by }: ActionNote): string {
  const who = by || 'Somebody';
  switch (what) {
    case 'renamed':
      return `${who} renamed it`;
    case 'moved':
      return `${who} moved it to another folder`;
    case 'customer_changed':
      return `${who} moved it to another customer`;
    case 'monitored':
      return `${who} let it be monitored`;
    case 'unmonitored':
      return `${who} ended its monitoring`;
    case 'retired':
      return `${who} retired it`;
    case 'taken_back':
      return `${who} took it back`;
    default:
      return `${who}: ${what.replaceAll('_', ' ')}`;
  }
}

export function actionDetail({ what, was, became }: ActionNote): string {
  if (what === 'moved') return `${was || 'no folder'} → ${became || 'no folder'}`;
  if (what === 'customer_changed') return `${was || 'a customer that you may not see'} → ${became || 'another one'}`;
  return was || became ? `${was} → ${became}` : '';
}
