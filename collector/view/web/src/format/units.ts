import { duration } from './time';

/** Made once: a table has hundreds of numbers, and to make one costs more than to use it a hundred times. */
const FORMATS = [0, 1, 2].map((digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }));

function formatted(value: number, digits: number): string {
  return FORMATS[digits]?.format(value) ?? String(value);
}

const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

function places(value: number): number {
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return 0;
  return size >= 10 ? 1 : 2;
}

/** Three significant digits, no trailing zeros, thousands separated. */
export function decimal(value: number): string {
  return formatted(value, places(value));
}

export function integer(value: number): string {
  return formatted(value, 0);
}

export function bytes(value: number): string {
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 1024 && step < STEPS.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${step === 0 ? integer(size) : decimal(size)} ${STEPS[step] ?? 'B'}`;
}

export function percent(value: number): string {
  return `${formatted(value, 1)} %`;
}

/** A number in the unit its column declares in the catalogue. */
export function inUnit(value: number, unit: string): string {
  switch (unit) {
    case 'bytes':
      return bytes(value);
    case 'bytes_per_s':
      return `${bytes(value)}/s`;
    case 'percent':
      return percent(value);
    case 'count':
      return decimal(value);
    case 'milliseconds':
      return `${decimal(value)} ms`;
    case 'mbit_per_s':
      return `${decimal(value)} Mbit/s`;
    case 'celsius':
      return `${decimal(value)} °C`;
    case 'rpm':
      return `${integer(value)} rpm`;
    case 'seconds':
      return duration(value * 1000);
    default:
      return decimal(value);
  }
}
