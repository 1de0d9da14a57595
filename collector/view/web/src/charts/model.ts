import type { ColumnInfo, Curve, ProbeInfo, SeriesAnswer } from '../api/types';

/** More lines than this in one chart cannot be told apart. */
export const MAX_LINES = 8;

export interface Line {
  label: string;
  /** One per time; null where nothing was read. */
  values: (number | null)[];
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
    lines: shown.map((curve) => ({
      label: lineLabel(curve, labels),
      values: spread(curve, place, times.length),
    })),
    left: curves.length - shown.length,
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

function spread(curve: Curve, place: Map<number, number>, length: number): (number | null)[] {
  const values = new Array<number | null>(length).fill(null);
  for (const point of curve.points) {
    const index = place.get(point.at_ms);
    if (index !== undefined) values[index] = point.mean ?? null;
  }
  return values;
}

/** A line through fewer readings than this is too short to be seen. */
const VISIBLE_RUN = 3;

/** Places of the readings that stand alone or in a pair between gaps: no line shows them, so each needs a dot. */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const runs: number[][] = [[]];
  values.forEach((value, place) => {
    if (value == null) runs.push([]);
    else runs.at(-1)?.push(place);
  });
  return runs.filter(({ length }) => length < VISIBLE_RUN).flat();
}

/** True where not one reading is in the chart. */
export function isBlank({ lines }: ChartModel): boolean {
  return lines.every(({ values }) => values.every((value) => value === null));
}

/** Latest, least and most of a line; null where nothing was read at all. */
export function summary({ values }: Line): { latest: number; min: number; max: number } | null {
  const read = values.filter((value) => value !== null);
  const latest = read.at(-1);
  return latest === undefined ? null : { latest, min: Math.min(...read), max: Math.max(...read) };
}
