import { expect, it } from 'vitest';
import { chartPoints, defaultChartRange, readChartRange } from './chartRange';

it('reads a range from the address and nothing else', () => {
  expect(readChartRange({ range: '24h' })).toBe('24h');
  expect(readChartRange({ range: '7d' })).toBeUndefined();
  expect(readChartRange({ range: 'constructor' })).toBeUndefined();
  expect(readChartRange({})).toBeUndefined();
});

it('begins with an hour while the device is young', () => {
  const hour = 60 * 60_000;
  expect(defaultChartRange(0, 2 * hour - 1)).toBe('1h');
  expect(defaultChartRange(0, 2 * hour)).toBe('24h');
});

it('never asks for points finer than two readings', () => {
  expect(chartPoints('1h', 15)).toBe(120);
  expect(chartPoints('1h', 60)).toBe(30);
  expect(chartPoints('24h', 15)).toBe(288);
  expect(chartPoints('1h', 86_400)).toBe(1);
});
