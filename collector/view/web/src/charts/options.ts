import type uPlot from 'uplot';
import { stamp } from '../format/time';
import { inUnit } from '../format/units';
import { lonely, type Line } from './model';

const FONT = '11px system-ui, sans-serif';
const AXIS_WIDTH_PX = 64;
const TIME_AXIS_PX = 28;
const DOT_PX = 5;

/** Steps of an axis of bytes: 512 MiB and 1 GiB, not 954 MiB. */
const POWERS_OF_TWO = Array.from({ length: 52 }, (_, power) => 2 ** power);

/** How much of its line's colour a band has. */
const BAND_OPACITY = '2e';

/** A level that counts: what raises an alert, what resolves it. */
export interface Level {
  value: number;
  label: string;
  tone: 'critical' | 'good';
}

interface Wanted {
  unit: string;
  from: number;
  to: number;
  lines: Line[];
  width: number;
  height: number;
  mark?: number;
  levels: readonly Level[];
  element: HTMLElement;
}

/** The edges of bands are no lines of their own: they are drawn as what lies between them, and the legend has no row. */
const edge = { width: 0, points: { show: false }, class: 'rc-edge', spanGaps: false };

function hasBand({ low, high }: Line): boolean {
  return low !== undefined && high !== undefined;
}

/** Places of greatest and least among uPlot's series, per line: after the time and all lines. */
function bandsOf(lines: Line[]): ([number, number] | undefined)[] {
  let next = 1 + lines.length;
  return lines.map((line) => {
    if (!hasBand(line)) return undefined;
    next += 2;
    return [next - 2, next - 1];
  });
}

/** uPlot's data in the same order: times, lines, then the edges of the bands. */
export function chartData(times: number[], lines: Line[]): uPlot.AlignedData {
  const edges = lines.filter(hasBand).flatMap(({ low = [], high = [] }) => [high, low]);
  return [times, ...lines.map(({ values }) => values), ...edges];
}

/** ` (1.2 % – 40 %)`: least and greatest at the pointer. */
function spanText(plot: uPlot, band: [number, number] | undefined, idx: number | null, unit: string): string {
  if (!band || idx == null) return '';
  const [high, low] = band.map((place) => plot.data[place]?.[idx]);
  if (high == null || low == null || high === low) return '';
  return ` (${inUnit(low, unit)} – ${inUnit(high, unit)})`;
}

/** uPlot's options in the colours of the page. */
export function chartOptions({ unit, from, to, lines, width, height, mark, levels, element }: Wanted): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--rc-muted'),
    font: FONT,
    grid: { stroke: colour('--rc-line-soft'), width: 1 },
    ticks: { stroke: colour('--rc-line'), width: 1, size: 4 },
  };
  const bands = bandsOf(lines);
  return {
    width,
    height,
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: [from, to] },
      y: { range: (_plot, min, max) => yRange(unit, min, max, levels) },
    },
    axes: [
      {
        ...axis,
        size: TIME_AXIS_PX,
        values: (_plot, splits, _axis, _space, increment) => splits.map((at) => timeLabel(at, increment)),
      },
      {
        ...axis,
        size: AXIS_WIDTH_PX,
        values: (_plot, splits) => splits.map((value) => inUnit(value, unit)),
        ...(unit.startsWith('bytes') && { incrs: POWERS_OF_TWO }),
      },
    ],
    series: [
      { label: 'Time', value: (_plot, at: number | null) => (at === null ? '–' : stamp(at * 1000)) },
      ...lines.map(({ label }, index) => ({
        label,
        stroke: colour(`--rc-line-${index + 1}`),
        width: 1.5,
        dash: index >= 4 ? [6, 3] : undefined,
        spanGaps: false,
        points: {
          show: false,
          size: DOT_PX,
          fill: colour(`--rc-line-${index + 1}`),
          filter: (plot: uPlot, place: number) => lonely(Array.from(plot.data[place] ?? [])),
        },
        value: (plot: uPlot, value: number | null, _place: number, idx: number | null) =>
          value == null ? '–' : inUnit(value, unit) + spanText(plot, bands[index], idx, unit),
      })),
      ...lines.filter(hasBand).flatMap(({ label }) => [
        { ...edge, label: `${label}, greatest` },
        { ...edge, label: `${label}, least` },
      ]),
    ],
    bands: bands.flatMap((band, index) =>
      band ? [{ series: band, fill: `${colour(`--rc-line-${index + 1}`)}${BAND_OPACITY}` }] : [],
    ),
    hooks: {
      ready: [showLatest],
      setCursor: [(plot) => (plot.cursor.idx == null ? showLatest(plot) : undefined)],
      draw: [
        (plot) => {
          if (mark !== undefined) drawMark(plot, mark / 1000, colour('--rc-critical'));
          for (const { value, tone } of levels) drawLevel(plot, value, colour(`--rc-${tone}`));
        },
      ],
    },
  };
}

/** Shares stand between 0 and 100; anything else begins at 0 and has room above, for its levels too. */
export function yRange(
  unit: string,
  min: number | null,
  max: number | null,
  levels: readonly Level[] = [],
): [number, number] {
  if (unit === 'percent') return [0, 100];
  const values = levels.map(({ value }) => value);
  const low = Math.min(0, min ?? 0, ...values);
  const high = Math.max(max ?? 0, ...values);
  return [low, high > low ? high * 1.1 : low + 1];
}

const MINUTE_S = 60;
const MONTH_S = 28 * 86_400;

/** A mark of the time axis, as finely as its step asks for. */
export function timeLabel(at: number, step: number): string {
  const time = new Date(at * 1000);
  if (step >= MONTH_S) return time.toLocaleString('en-US', { month: 'short', year: 'numeric' });
  const hour = time.getHours();
  const two = (number: number) => String(number).padStart(2, '0');
  const minutes = two(time.getMinutes()) + (step < MINUTE_S ? `:${two(time.getSeconds())}` : '');
  if (hour === 0 && time.getMinutes() === 0 && step >= MINUTE_S) return `${time.getMonth() + 1}/${time.getDate()}`;
  return `${hour % 12 || 12}:${minutes} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** Without a pointer on the chart, the legend tells the latest reading. */
function showLatest(plot: uPlot): void {
  const idx = plot.data.slice(1).reduce((latest, values) => Math.max(latest, lastRead(values)), -1);
  if (idx >= 0) plot.setLegend({ idx }, false);
}

function lastRead(values: ArrayLike<number | null | undefined>): number {
  let index = values.length - 1;
  while (index >= 0 && values[index] == null) index -= 1;
  return index;
}

function drawMark(plot: uPlot, at: number, colour: string): void {
  const x = plot.valToPos(at, 'x', true);
  const { top, height } = plot.bbox;
  drawDashed(plot, colour, [x, top], [x, top + height]);
}

function drawLevel(plot: uPlot, value: number, colour: string): void {
  const y = plot.valToPos(value, 'y', true);
  const { left, width } = plot.bbox;
  drawDashed(plot, colour, [left, y], [left + width, y]);
}

function drawDashed({ ctx }: uPlot, colour: string, from: [number, number], to: [number, number]): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([4, 4]);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
  ctx.restore();
}
