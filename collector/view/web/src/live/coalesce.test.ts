import { expect, it, vi } from 'vitest';
import type { Changed } from '../api/types';
import { Coalescer, merge } from './coalesce';

const nothing: Changed = {
  type: 'changed',
  devices: [],
  all_devices: false,
  alerts: false,
  customers: false,
  tokens: false,
  updates: false,
};

it('merges ids without repeats, and "all" swallows them', () => {
  const merged = merge({ ...nothing, devices: ['a', 'b'] }, { ...nothing, devices: ['b', 'c'], alerts: true });
  expect(merged).toMatchObject({ devices: ['a', 'b', 'c'], alerts: true, all_devices: false });
  expect(merge(merged, { ...nothing, all_devices: true })).toMatchObject({ devices: [], all_devices: true });
});

it('applies the first at once and those that come meanwhile together', async () => {
  vi.useFakeTimers();
  const applied: string[][] = [];
  const coalescer = new Coalescer((change) => {
    applied.push(change.devices);
    return Promise.resolve();
  }, 300);
  coalescer.push({ ...nothing, devices: ['a'] });
  expect(applied).toEqual([['a']]);
  coalescer.push({ ...nothing, devices: ['b'] });
  coalescer.push({ ...nothing, devices: ['c'] });
  await vi.advanceTimersByTimeAsync(300);
  expect(applied).toEqual([['a'], ['b', 'c']]);
  vi.useRealTimers();
});

it('goes on after a refresh that failed', async () => {
  vi.useFakeTimers();
  const apply = vi.fn().mockRejectedValueOnce(new Error('gone')).mockResolvedValue(undefined);
  const coalescer = new Coalescer(apply, 10);
  coalescer.push(nothing);
  await vi.advanceTimersByTimeAsync(20);
  coalescer.push(nothing);
  await vi.advanceTimersByTimeAsync(20);
  expect(apply).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
