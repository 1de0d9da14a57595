import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { inUnit } from '../format/units';
import { stamp } from '../format/time';
import { counted } from '../format/words';
import { isBlank, summary, type ChartModel } from './model';
import { chartData, chartOptions, type Level } from './options';
import classes from './Chart.module.css';

interface ChartProps {
  chart: ChartModel;
  height: number;
  /** A moment to mark with a vertical line, in ms. */
  mark?: number;
  /** Levels that count, each a horizontal line. */
  levels?: readonly Level[];
}

const NO_LEVELS: readonly Level[] = [];

/** The chart in words, for those who cannot see it. */
function inWords(chart: ChartModel, levels: readonly Level[]): string {
  const lines = chart.lines.map((line) => {
    const sum = summary(line);
    if (!sum) return `${line.label}: nothing read`;
    const [latest, min, max] = [sum.latest, sum.min, sum.max].map((value) => inUnit(value, chart.unit));
    return `${line.label}: latest ${latest}, between ${min} and ${max}`;
  });
  const span = `${stamp(chart.from * 1000)} to ${stamp(chart.to * 1000)}, ${chart.note}`;
  return `${chart.title}, ${span}. ${[...lines, ...levels.map(({ label }) => label)].join('. ')}`;
}

/** Curves over time with a legend that follows the pointer, or the arrow keys. Gaps stay gaps. */
export function Chart({ chart, height, mark, levels = NO_LEVELS }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const { unit, from, to, times, lines } = chart;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const options = chartOptions({ unit, from, to, lines, width: element.clientWidth, height, mark, levels, element });
    const made = new uPlot(options, chartData(times, lines), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [unit, from, to, times, lines, height, mark, levels, scheme]);

  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const made = plot.current;
    const last = times.length - 1;
    if (step === 0 || !made || last < 0) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, (made.cursor.idx ?? last) + step));
    made.setCursor({ left: made.valToPos(times[next] ?? to, 'x'), top: 0 });
  };

  if (isBlank(chart)) {
    return (
      <figure className={classes.chart}>
        <figcaption>{chart.title}</figcaption>
        <div className={classes.nothing} style={{ height }}>
          Nothing was read in this span
        </div>
      </figure>
    );
  }
  return (
    <figure className={classes.chart}>
      <figcaption>
        {chart.title}
        <span className={classes.left}>
          {chart.left > 0 && `${counted(chart.left, 'more line')} not shown · `}
          {chart.note}
          {levels.map(({ label, tone }) => (
            <span key={label} className={classes.level} data-tone={tone}>
              {label}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} role="img" aria-label={inWords(chart, levels)} tabIndex={0} onKeyDown={move} className={classes.plot} />
    </figure>
  );
}
