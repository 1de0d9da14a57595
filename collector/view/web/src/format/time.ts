const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** `03:04:05 PM` in the browser's zone. */
export function clockTime(ms: number): string {
  const at = new Date(ms);
  const hour = at.getHours() % 12 || 12;
  return `${two(hour)}:${two(at.getMinutes())}:${two(at.getSeconds())} ${at.getHours() < 12 ? 'AM' : 'PM'}`;
}

/** `MM/DD/YYYY` in the browser's zone. */
export function date(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getMonth() + 1)}/${two(at.getDate())}/${at.getFullYear()}`;
}

/** `MM/DD/YYYY HH:MM:SS AM/PM` in the browser's zone. */
export function stamp(ms: number): string {
  return `${date(ms)} ${clockTime(ms)}`;
}

/** A length of time in its two largest units: `2 d 4 h`. */
export function duration(ms: number): string {
  const parts: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  const first = parts.findIndex(([size]) => ms >= size);
  if (first < 0) return '0 s';
  const words: string[] = [];
  let rest = ms;
  for (const [size, word] of parts.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${word}`);
  }
  return words.join(' ');
}

/** How long ago, in one glance: `5 min ago`. */
export function elapsed(ms: number, now: number): string {
  const past = now - ms;
  if (past < 10 * SECOND) return 'just now';
  if (past < MINUTE) return `${Math.floor(past / SECOND)} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  return `${Math.floor(past / DAY)} d ago`;
}
