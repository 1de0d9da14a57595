import { expect, it } from 'vitest';
import type { AlertNote, ProbeInfo, StateChange, TimelineEntry } from '../../api/types';
import { actionDetail, actionWord, alertDetail, alertWord, changeDetails, changeWord, daysOf } from './history';

const software: ProbeInfo = {
  name: 'software',
  label: 'Software',
  kind: 'state',
  key_label: 'Name',
  every_s: 3600,
  meaning: '',
  columns: [
    { name: 'version', label: 'Version', type: 'text', unit: 'none', meaning: '' },
    { name: 'publisher', label: 'Publisher', type: 'text', unit: 'none', meaning: '' },
    { name: 'size_bytes', label: 'Size', type: 'integer', unit: 'bytes', meaning: '' },
  ],
  in_history: true,
  appeared_label: 'Installed',
  vanished_label: 'Removed',
};

function change(part: Partial<StateChange>): StateChange {
  return { probe: 'software', key: 'curl', what: 'changed', before: {}, after: {}, ...part };
}

function entry(at: Date, part: Partial<TimelineEntry>): TimelineEntry {
  return { at_ms: at.getTime(), kind: 'event', state: null, event: null, gap: null, alert: null, action: null, ...part };
}

const alert: AlertNote = {
  id: 'a',
  what: 'opened',
  title: 'Disk',
  severity: 'critical',
  category: 'Disk',
  item: 'disk',
  subject: '/',
  value: '3 % free',
  by: '',
  text: '',
  until_ms: null,
};

it('tells a change from one value to another, whatever was unknown or is too old to be kept', () => {
  const before = { version: '1', publisher: { unknown: 'timed_out' } };
  expect(changeDetails(software, change({ before, after: { version: '2', publisher: '' } }))).toEqual([
    'Version: 1 → 2',
    'Publisher: unknown → –',
  ]);
  expect(changeDetails(software, change({ after: { version: '2' } }))).toEqual(['Version: 2']);
  expect(changeDetails(software, change({ what: 'vanished', before: { version: '1' } }))).toEqual(['Version: 1']);
  expect(changeDetails(undefined, change({ after: { version: '2' } }))).toEqual([]);
  expect(changeWord(software, change({ what: 'appeared' }))).toBe('Installed');
  expect(changeWord(undefined, change({ what: 'vanished' }))).toBe('Removed');
  expect(changeWord(software, change({}))).toBe('Changed');
});

it('lays entries out by days, and puts together what came of one probe at one moment', () => {
  const now = new Date(2026, 10, 23, 9);
  const at = new Date(2026, 10, 23, 8);
  const state = (key: string, what = 'appeared') => entry(at, { kind: 'state', state: change({ key, what }) });
  const days = daysOf(
    [state('a'), state('b'), state('c', 'vanished'), entry(at, {}), entry(new Date(2026, 10, 22, 23, 59), {}), entry(new Date(2026, 9, 1), {})],
    now.getTime(),
  );
  expect(days.map(({ name }) => name)).toEqual(['Today, 11/23/2026', 'Yesterday, 11/22/2026', '10/01/2026']);
  expect(days[0]?.groups.map(({ entries }) => entries.length)).toEqual([2, 1, 1]);
  const keys = days.flatMap(({ groups }) => groups.map(({ key }) => key));
  expect(new Set(keys).size).toBe(keys.length);
  expect(daysOf([], now.getTime())).toEqual([]);
});

it('says what became of an alert, and who did it', () => {
  expect(alertWord(alert)).toBe('Alert raised');
  expect(alertDetail(alert)).toBe('3 % free');
  expect(alertWord({ ...alert, what: 'snoozed', by: 'anna' })).toBe('Alert snoozed by anna');
  expect(alertDetail({ ...alert, what: 'snoozed' })).toBe('until it changes');
  expect(alertDetail({ ...alert, what: 'assigned' })).toBe('to nobody');
  expect(alertDetail({ ...alert, what: 'ticket' })).toBe('removed');
  expect(alertWord({ ...alert, what: 'sent_home' })).toBe('Alert: sent home');
});

it('says who did what to the device, and names no customer that may not be seen', () => {
  const action = { what: 'renamed', by: 'anna', was: 'pc', became: 'Desk' };
  expect(`${actionWord(action)}: ${actionDetail(action)}`).toBe('anna renamed it: pc → Desk');
  expect(actionDetail({ ...action, what: 'moved', was: '' })).toBe('no folder → Desk');
  expect(actionDetail({ ...action, what: 'customer_changed', was: '', became: 'Bolt' })).toBe(
    'a customer that you may not see → Bolt',
  );
  expect(actionWord({ ...action, what: 'retired' })).toBe('anna retired it');
  expect(actionDetail({ ...action, what: 'retired', was: '', became: '' })).toBe('');
  expect(actionWord({ what: 'sent_home', by: '', was: '', became: '' })).toBe('Somebody: sent home');
});
