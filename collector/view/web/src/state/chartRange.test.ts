import { expect, it } from 'vitest';
import { CHART_RANGES, defaultChartRange, readChartRange } from './chartRange';

it('reads a range from the address and nothing else', () => {
  expect(readChartRange({ range: '24h' })).toBe('24h');
  expect(readChartRange({ range: '1y' })).toBe('1y');
  expect(readChartRange({ range: '2y' })).toBeUndefined();
  expect(readChartRange({ range: 'constructor' })).toBeUndefined();
  expect(readChartRange({})).toBeUndefined();
});

it('begins with an hour while the device is young', () => {
  const hour = 60 * 60_000;
  expect(defaultChartRange(0, 2 * hour - 1)).toBe('1h');
  expect(defaultChartRange(0, 2 * hour)).toBe('24h');
});

it('goes from five minutes to a year, shortest first', () => {
  const spans = Object.values(CHART_RANGES).map(({ ms }) => ms);
  expect(spans[0]).toBe(300_000);
  expect(spans.at(-1)).toBe(365 * 86_400_000);
  expect([...spans].sort((a, b) => a - b)).toEqual(spans);
});
