import { text, type RawSearch } from './url';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The spans that the charts of a device may cover; the API chooses the resolution for each. */
export const CHART_RANGES = {
  '5min': { label: '5 min', name: 'Last 5 minutes', ms: 5 * MINUTE_MS, refreshMs: 5 * SECOND_MS },
  '1h': { label: '1 h', name: 'Last hour', ms: HOUR_MS, refreshMs: 15 * SECOND_MS },
  '24h': { label: '24 h', name: 'Last 24 hours', ms: DAY_MS, refreshMs: 30 * SECOND_MS },
  '7d': { label: '7 d', name: 'Last 7 days', ms: 7 * DAY_MS, refreshMs: 5 * MINUTE_MS },
  '30d': { label: '30 d', name: 'Last 30 days', ms: 30 * DAY_MS, refreshMs: 15 * MINUTE_MS },
  '1y': { label: '1 y', name: 'Last year', ms: 365 * DAY_MS, refreshMs: HOUR_MS },
} as const;

export type ChartRange = keyof typeof CHART_RANGES;

/** A device younger than this has nothing to show for a day. */
const YOUNG_MS = 2 * HOUR_MS;

export function readChartRange(raw: RawSearch): ChartRange | undefined {
  const word = text(raw, 'range');
  return word !== undefined && Object.hasOwn(CHART_RANGES, word) ? (word as ChartRange) : undefined;
}

export function defaultChartRange(enrolledMs: number, now: number): ChartRange {
  return now - enrolledMs < YOUNG_MS ? '1h' : '24h';
}
