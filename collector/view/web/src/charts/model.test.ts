import { expect, it } from 'vitest';
import type { Curve, ProbeInfo, SeriesAnswer } from '../api/types';
import { chartsOf, isBlank, lonely, MAX_LINES, resolutionText, summary } from './model';

const column = (name: string, label: string, unit: string) => ({ name, label, unit, type: 'real', meaning: '' });
const probe = (columns: ProbeInfo['columns']): ProbeInfo => ({
  name: 'disk_io',
  label: 'Disk I/O',
  kind: 'series',
  key_label: 'Disk',
  every_s: 15,
  meaning: '',
  columns,
  in_history: false,
  appeared_label: 'Added',
  vanished_label: 'Removed',
});
const curve = (key: string, name: string, values: [number, number | null][]): Curve => ({
  key,
  column: name,
  points: values.map(([at, mean]) => ({ at_ms: at, mean, min: mean, max: mean, readings: mean === null ? 0 : 1, unknown: 0 })),
});
const answer = (curves: Curve[]): SeriesAnswer => ({
  probe: 'disk_io',
  from_ms: 0,
  to_ms: 9000,
  resolution: 'reading',
  step_ms: 1000,
  meaning: '',
  left_out: 0,
  curves,
});

it('makes one chart for each unit and a line for each row and column', () => {
  const charts = chartsOf(
    probe([column('read', 'Read', 'bytes_per_s'), column('write', 'Written', 'bytes_per_s'), column('busy', 'Busy', 'percent')]),
    answer([curve('sda', 'read', [[1000, 5]]), curve('sda', 'write', [[1000, 6]]), curve('sda', 'busy', [[1000, 7]])]),
  );
  expect(charts.map(({ title }) => title)).toEqual(['Disk I/O (bytes per second)', 'Disk I/O (percent)']);
  expect(charts[0]?.lines.map(({ label }) => label)).toEqual(['sda read', 'sda written']);
  expect(charts[1]?.lines.map(({ label }) => label)).toEqual(['sda']);
});

it('keeps a gap a gap, also where one line has points that another has not', () => {
  const [chart] = chartsOf(
    probe([column('busy', 'Busy', 'percent')]),
    answer([curve('sda', 'busy', [[1000, 1], [2000, null], [3000, 0]]), curve('sdb', 'busy', [[2000, 4]])]),
  );
  expect(chart?.times).toEqual([1, 2, 3]);
  expect(chart?.lines[0]?.values).toEqual([1, null, 0]);
  expect(chart?.lines[1]?.values).toEqual([undefined, 4, undefined]);
});

it('says once that nothing was read, whatever the units', () => {
  const charts = chartsOf(probe([column('read', 'Read', 'bytes_per_s'), column('busy', 'Busy', 'percent')]), answer([]));
  expect(charts.map(({ title, times }) => [title, times.length])).toEqual([['Disk I/O', 0]]);
});

it('says how many lines did not fit', () => {
  const many = Array.from({ length: MAX_LINES + 3 }, (_, disk) => curve(`sd${disk}`, 'busy', [[1000, 1]]));
  const [chart] = chartsOf(probe([column('busy', 'Busy', 'percent')]), answer(many));
  expect(chart?.lines).toHaveLength(MAX_LINES);
  expect(chart?.left).toBe(3);
  const [cut] = chartsOf(probe([column('busy', 'Busy', 'percent')]), { ...answer(many.slice(0, 2)), left_out: 7 });
  expect(cut?.left).toBe(7);
});

it('has a band from least to greatest where a point is made of several readings, and none otherwise', () => {
  const points = [
    { at_ms: 1000, mean: 5, min: 1, max: 9, readings: 20, unknown: 0 },
    { at_ms: 2000, mean: null, min: null, max: null, readings: 0, unknown: 20 },
  ];
  const rolled = { ...answer([{ key: 'sda', column: 'busy', points }]), resolution: '5min' };
  const [chart] = chartsOf(probe([column('busy', 'Busy', 'percent')]), rolled);
  expect(chart?.lines[0]).toMatchObject({ values: [5, null], low: [1, null], high: [9, null] });
  expect(chart?.note).toBe('mean of 5 min, shaded least to greatest');
  expect(summary(chart?.lines[0] ?? { label: '', values: [] })).toEqual({ latest: 5, min: 1, max: 9 });
  const [exact] = chartsOf(probe([column('busy', 'Busy', 'percent')]), answer([{ key: 'sda', column: 'busy', points }]));
  expect(exact?.lines[0]?.low).toBeUndefined();
  expect(exact?.note).toBe('each reading');
  expect(resolutionText('a resolution of next year')).toBe('a resolution of next year');
});

it('finds the readings that no line shows', () => {
  expect(lonely([7])).toEqual([0]);
  expect(lonely([null, 7, null, 1, 2, 3, null, 0, 0])).toEqual([1, 7, 8]);
  expect(lonely([])).toEqual([]);
  expect(lonely([1, undefined, 2, undefined, 3])).toEqual([]);
});

it('takes 0 for a reading, and gaps alone for a blank chart', () => {
  const busy = (value: number | null) =>
    chartsOf(probe([column('busy', 'Busy', 'percent')]), answer([curve('sda', 'busy', [[1000, value], [2000, null]])]));
  expect(busy(0).map(isBlank)).toEqual([false]);
  expect(busy(null).map(isBlank)).toEqual([true]);
  expect(chartsOf(probe([]), answer([])).map(isBlank)).toEqual([true]);
});

it('sums a line up without taking a gap for 0', () => {
  expect(summary({ label: '', values: [4, null, 9, 7, null] })).toEqual({ latest: 7, min: 4, max: 9 });
  expect(summary({ label: '', values: [null, null] })).toBeNull();
});
