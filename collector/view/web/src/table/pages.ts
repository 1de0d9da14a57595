/** Rows per request: two screens, about 80 kB of devices. */
export const PAGE_ROWS = 50;

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

/** Pages that are remembered, in sight or not: what is open in them keeps its height. */
const KEPT_PAGES = 40;

/** The rows of a list by their place, and the key of each. */
export interface Places<Row> {
  /** By offset, those that were read last at the end. */
  pages: ReadonlyMap<number, readonly Row[]>;
  rows: ReadonlyMap<number, Row>;
  keys: ReadonlyMap<number, string>;
}

export function noPlaces<Row>(): Places<Row> {
  return { pages: new Map(), rows: new Map(), keys: new Map() };
}

/** True where nothing of `fresh` is news. */
export function hasPages<Row>({ pages }: Places<Row>, fresh: ReadonlyMap<number, readonly Row[]>): boolean {
  return [...fresh].every(([offset, rows]) => pages.get(offset) === rows);
}

/** With pages that were read. Of a row that stands in two pages for a moment, only the first of the fresher ones counts. */
export function withPages<Row>(
  known: Places<Row>,
  fresh: ReadonlyMap<number, readonly Row[]>,
  rowKey: (row: Row) => string,
): Places<Row> {
  const older = [...known.pages].filter(([offset]) => !fresh.has(offset));
  const pages = new Map([...older, ...fresh].slice(-Math.max(KEPT_PAGES, fresh.size)));
  const rows = new Map<number, Row>();
  const keys = new Map<number, string>();
  const seen = new Set<string>();
  for (const [offset, page] of [...fresh, ...older.filter(([offset]) => pages.has(offset))]) {
    page.forEach((row, place) => {
      const key = rowKey(row);
      if (seen.has(key)) return;
      seen.add(key);
      rows.set(offset + place, row);
      keys.set(offset + place, key);
    });
  }
  return { pages, rows, keys };
}
