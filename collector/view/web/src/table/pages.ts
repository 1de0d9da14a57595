/** Rows per request: a few screens, about 100 kB of devices. */
export const PAGE_ROWS = 100;

export interface Range {
  first: number;
  last: number;
}

/** Offsets of the pages that cover the rows `first` to `last`; the first page where nothing is known yet. */
export function offsetsOf({ first, last }: Range): number[] {
  const from = Math.max(0, Math.floor(first / PAGE_ROWS));
  const to = Math.max(from, Math.floor(last / PAGE_ROWS));
  return Array.from({ length: to - from + 1 }, (_, page) => (from + page) * PAGE_ROWS);
}
