import { expect, it } from 'vitest';
import { chartData, timeLabel, yRange } from './options';

it('puts the edges of the bands behind all lines, greatest first', () => {
  const lines = [
    { label: 'a', values: [1, 2] },
    { label: 'b', values: [5, null], low: [4, null], high: [6, null] },
  ];
  expect(chartData([10, 20], lines)).toEqual([[10, 20], [1, 2], [5, null], [6, null], [4, null]]);
});

it('labels the time axis as finely as its step', () => {
  const at = new Date(2026, 10, 2, 13, 5, 30).getTime() / 1000;
  expect(timeLabel(at, 30)).toBe('1:05:30 PM');
  expect(timeLabel(at, 300)).toBe('1:05 PM');
  expect(timeLabel(new Date(2026, 10, 2).getTime() / 1000, 86_400)).toBe('11/2');
  expect(timeLabel(new Date(2026, 10, 1).getTime() / 1000, 30 * 86_400)).toBe('Nov 2026');
});

it('leaves room for the levels that count', () => {
  const level = { value: 90, label: 'Raises above 90', tone: 'critical' as const };
  expect(yRange('celsius', 20, 50)).toEqual([0, expect.closeTo(55)]);
  expect(yRange('celsius', 20, 50, [level])).toEqual([0, expect.closeTo(99)]);
  expect(yRange('percent', 20, 50, [level])).toEqual([0, 100]);
});
