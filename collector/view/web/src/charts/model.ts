import type { ColumnInfo, Curve, ProbeInfo, SeriesAnswer } from '../api/types';

/** More lines than this in one chart cannot be told apart. */
export const MAX_LINES = 8;

/** One per time of the chart: null where nothing was read, undefined where this line has no point of its own. */
export type Values = (number | null | undefined)[];

export interface Line {
  label: string;
  values: Values;
  /** Least and greatest around the mean; only where a point is made of several readings. */
  low?: Values;
  high?: Values;
}

export interface ChartModel {
  title: string;
  unit: string;
  from: number;
  to: number;
  /** Seconds, as uPlot wants them. */
  times: number[];
  lines: Line[];
  /** Lines that did not fit. */
  left: number;
  /** What one point is. */
  note: string;
}

const RESOLUTIONS: Record<string, string> = {
  reading: 'each reading',
  '5min': 'mean of 5 min, shaded least to greatest',
  '1h': 'mean of 1 h, shaded least to greatest',
  '1d': 'mean of a day (UTC), shaded least to greatest',
};

/** What one point of an answer is, for people. */
export function resolutionText(resolution: string): string {
  return RESOLUTIONS[resolution] ?? resolution;
}

const UNIT_WORDS: Record<string, string> = {
  percent: 'percent',
  bytes: 'bytes',
  bytes_per_s: 'bytes per second',
  milliseconds: 'time',
  mbit_per_s: 'speed',
  seconds: 'duration',
};

/** Some columns of a series, which share a unit, as one chart: a line per row and column. */
export function chartOf(title: string, unit: string, columns: ColumnInfo[], answer: SeriesAnswer): ChartModel {
  const labels = new Map(columns.map(({ name, label }) => [name, label]));
  const curves = answer.curves.filter(({ column }) => labels.has(column));
  const shown = curves.slice(0, MAX_LINES);
  const times = [...new Set(shown.flatMap(({ points }) => points.map(({ at_ms: at }) => at)))].sort((a, b) => a - b);
  const place = new Map(times.map((at, index) => [at, index]));
  return {
    title,
    unit,
    from: answer.from_ms / 1000,
    to: answer.to_ms / 1000,
    times: times.map((at) => at / 1000),
    lines: shown.map((curve) => lineOf(curve, lineLabel(curve, labels), answer, place)),
    left: curves.length - shown.length + answer.left_out,
    note: resolutionText(answer.resolution),
  };
}

/** All charts of a series probe: one for each unit among its columns. */
export function chartsOf(probe: ProbeInfo, answer: SeriesAnswer): ChartModel[] {
  if (answer.curves.length === 0) return [chartOf(probe.label, 'none', probe.columns, answer)];
  const units = [...new Set(probe.columns.map(({ unit }) => unit))];
  return units.map((unit) => {
    const columns = probe.columns.filter((column) => column.unit === unit);
    const title = units.length > 1 ? `${probe.label} (${UNIT_WORDS[unit] ?? unit})` : probe.label;
    return chartOf(title, unit, columns, answer);
  });
}

function lineLabel({ key, column }: Curve, labels: Map<string, string>): string {
  const label = labels.get(column) ?? column;
  if (key === '') return label;
  return labels.size > 1 ? `${key} ${label.toLowerCase()}` : key;
}

function lineOf(curve: Curve, label: string, { resolution }: SeriesAnswer, place: Map<number, number>): Line {
  const values = spread(curve, place, ({ mean }) => mean);
  if (resolution === 'reading') return { label, values };
  return {
    label,
    values,
    low: spread(curve, place, ({ min }) => min),
    high: spread(curve, place, ({ max }) => max),
  };
}

type Point = Curve['points'][number];

function spread(curve: Curve, place: Map<number, number>, of: (point: Point) => number | null | undefined): Values {
  const values: Values = new Array<undefined>(place.size).fill(undefined);
  for (const point of curve.points) {
    const index = place.get(point.at_ms);
    if (index !== undefined) values[index] = of(point) ?? null;
  }
  return values;
}

/** A line through fewer readings than this is too short to be seen. */
const VISIBLE_RUN = 3;

/** Places of the readings that stand alone or in a pair between gaps: no line shows them, so each needs a dot. */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const runs: number[][] = [[]];
  values.forEach((value, place) => {
    if (value === null) runs.push([]);
    else if (value !== undefined) runs.at(-1)?.push(place);
  });
  return runs.filter(({ length }) => length < VISIBLE_RUN).flat();
}

/** True where not one reading is in the chart. */
export function isBlank({ lines }: ChartModel): boolean {
  return lines.every(({ values }) => values.every((value) => value == null));
}

/** Latest, least and most of a line; null where nothing was read at all. */
export function summary({ values, low, high }: Line): { latest: number; min: number; max: number } | null {
  const read = readOf(values);
  const latest = read.at(-1);
  if (latest === undefined) return null;
  return { latest, min: Math.min(...readOf(low ?? values)), max: Math.max(...readOf(high ?? values)) };
}

function readOf(values: Values): number[] {
  return values.filter((value): value is number => typeof value === 'number');
}
