import { expect, test } from 'vitest';
import type { DeviceUpdate, ReleaseRow } from '../../api/types';
import { countsText, policyTexts, stateText, toneOf, waveText } from './words';

const POLICY = { channel: 'stable', channel_from: '', pinned: '', pinned_from: '', paused: false, paused_from: '' };
const UPDATE: DeviceUpdate = {
  device_id: 'd',
  device_name: 'web-01',
  customer_id: 'c',
  customer_name: 'Acme',
  availability: 'online',
  version: '0.1.0',
  verdict: 'waiting',
  reason: 'waits for wave 2',
  target: '0.2.0',
  opens_ms: Date.UTC(2026, 10, 24, 12),
  attempt: null,
  policy: POLICY,
};
const RELEASE: ReleaseRow = {
  version: '0.2.0',
  channel: 'stable',
  released_ms: 0,
  first_seen_ms: 1000,
  warning: '',
  stopped_ms: null,
  stopped_why: '',
  waves: [
    { percent: 5, opens_ms: 1000 },
    { percent: 100, opens_ms: 2000 },
  ],
  files: [],
  running: 1,
  under_way: 0,
  confirmed: 1,
  failed: 2,
  refused: 0,
  waiting: 1200,
};

test('a device that waits says for what, until when and for which version', () => {
  expect(stateText(UPDATE)).toMatch(/^Waits for wave 2, opens \d\d\/\d\d\/2026 .*, version 0\.2\.0$/);
  expect(stateText({ ...UPDATE, verdict: 'current', reason: 'runs the newest', opens_ms: null })).toBe('Runs the newest');
});

test('what went wrong is not shown as what goes well', () => {
  expect(toneOf('failed')).toBe('bad');
  expect(toneOf('current')).toBe('good');
  expect(toneOf('something of a newer collector')).toBe('plain');
});

test('a policy says at which level it was said', () => {
  expect(policyTexts({ ...POLICY, paused: true, paused_from: 'customer' })).toEqual({
    paused: 'paused (for the customer)',
    channel: 'stable (nobody says otherwise)',
    pinned: 'the newest (nobody says otherwise)',
  });
});

test('waves say which one is open, and when the next one is', () => {
  expect(waveText(RELEASE, 1500)).toMatch(/^wave 1 of 2: 5 % of devices; 100 % from /);
  expect(waveText(RELEASE, 2000)).toBe('wave 2 of 2: 100 % of devices');
  expect(waveText(RELEASE, 0)).toMatch(/^no wave is open; 5 % from /);
  expect(waveText({ ...RELEASE, waves: [] }, 0)).toMatch(/^offered to all since /);
  expect(waveText({ ...RELEASE, first_seen_ms: null }, 0)).toBe('being looked at');
});

test('counts leave out what there is none of', () => {
  expect(countsText(RELEASE)).toBe('1 device runs it, 1,200 waiting, 2 failed');
});
