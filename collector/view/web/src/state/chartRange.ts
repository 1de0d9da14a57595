import { text, type RawSearch } from './url';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The spans that the charts of a device may cover. */
export const CHART_RANGES = {
  '1h': { label: 'Last hour', ms: HOUR_MS, refreshMs: 15_000 },
  '24h': { label: 'Last 24 hours', ms: 24 * HOUR_MS, refreshMs: 30_000 },
} as const;

export type ChartRange = keyof typeof CHART_RANGES;

/** A device younger than this has nothing to show for a day. */
const YOUNG_MS = 2 * HOUR_MS;
/** More points than this in one chart cannot be told apart. */
const MOST_POINTS = 288;
/** Readings per point: with fewer, a reading that comes a moment late would tear the line. */
const READINGS_PER_POINT = 2;

export function readChartRange(raw: RawSearch): ChartRange | undefined {
  const word = text(raw, 'range');
  return word !== undefined && Object.hasOwn(CHART_RANGES, word) ? (word as ChartRange) : undefined;
}

export function defaultChartRange(enrolledMs: number, now: number): ChartRange {
  return now - enrolledMs < YOUNG_MS ? '1h' : '24h';
}

/** How many points to ask for of a probe that reads every so many seconds. */
export function chartPoints(range: ChartRange, everySeconds: number): number {
  const readings = CHART_RANGES[range].ms / (everySeconds * 1000);
  return Math.max(1, Math.min(MOST_POINTS, Math.floor(readings / READINGS_PER_POINT)));
}
