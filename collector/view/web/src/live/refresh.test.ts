import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import type { Changed } from '../api/types';
import { readAnew, touches } from './refresh';

const change = (part: Partial<Changed>): Changed => ({
  type: 'changed',
  devices: [],
  all_devices: false,
  alerts: false,
  customers: false,
  tokens: false,
  updates: false,
  ...part,
});

it('refreshes the device that changed and the lists, and no other device', () => {
  const one = change({ devices: ['a'] });
  expect(touches(one, ['device', 'a'])).toBe(true);
  expect(touches(one, ['device', 'a', 'probe', 'services', ''])).toBe(true);
  expect(touches(one, ['device', 'b'])).toBe(false);
  expect(touches(one, ['devices', 'customer', {}, 0])).toBe(true);
  expect(touches(one, ['alerts', {}, {}, 0])).toBe(false);
});

it('refreshes counts when an alert opens', () => {
  const alerts = change({ alerts: true });
  expect(touches(alerts, ['alerts', {}, {}, 0])).toBe(true);
  expect(touches(alerts, ['devices', 'customer', {}, 0])).toBe(true);
  expect(touches(alerts, ['device', 'a'])).toBe(true);
  expect(touches(alerts, ['device', 'a', 'history', [], [], []])).toBe(true);
  expect(touches(alerts, ['device', 'a', 'probe', 'services', ''])).toBe(false);
});

it('refreshes folders, contacts and details when somebody arranges them', () => {
  const arranged = change({ customers: true });
  for (const what of ['folders', 'contacts', 'details', 'pinned']) expect(touches(arranged, ['customers', what])).toBe(true);
  expect(touches(arranged, ['loss', ['a']])).toBe(false);
});

it('leaves session, catalogue and charts alone', () => {
  const all = change({ all_devices: true, alerts: true, customers: true, tokens: true, updates: true });
  for (const key of ['session', 'catalogue', 'evidence', 'series']) expect(touches(all, [key])).toBe(false);
});

it('refreshes what is shown of updates when one of them moves on, and not at every word of a device', () => {
  expect(touches(change({ updates: true }), ['updates', 'releases'])).toBe(true);
  expect(touches(change({ devices: ['a'] }), ['updates', 'list', {}, 0, 50])).toBe(false);
});

it('reads anew what was read before the feed began, and leaves alone what is on its way', async () => {
  const queries = new QueryClient();
  const list = vi.fn(() => Promise.resolve('rows'));
  const read = new QueryObserver(queries, { queryKey: ['devices', ''], queryFn: list, staleTime: Infinity });
  const waits = vi.fn(() => new Promise(() => undefined));
  const onItsWay = new QueryObserver(queries, { queryKey: ['alerts', ''], queryFn: waits });
  const stops = [read.subscribe(() => undefined), onItsWay.subscribe(() => undefined)];
  await vi.waitFor(() => expect(read.getCurrentResult().data).toBe('rows'));
  await readAnew(queries);
  expect(list).toHaveBeenCalledTimes(2);
  expect(waits).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
});
