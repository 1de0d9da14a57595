import { useCallback, useMemo, useState } from 'react';

export interface Selection<Row> {
  /** As they were read last. */
  rows: readonly Row[];
  has: (key: string) => boolean;
  set: (rows: readonly Row[], on: boolean) => void;
  /** Rows that were read again take the place of those that are selected. */
  refresh: (rows: readonly Row[]) => void;
  clear: () => void;
}

interface Kept<Row> {
  scope: string;
  rows: ReadonlyMap<string, Row>;
}

/** Which rows of a list are selected, in sight or not. Another `scope` (another list, other filters) begins with none. */
export function useSelection<Row>(scope: string, rowKey: (row: Row) => string): Selection<Row> {
  const [kept, keep] = useState<Kept<Row>>({ scope, rows: new Map() });
  const change = useCallback(
    (edit: (rows: Map<string, Row>) => boolean) =>
      keep((before) => {
        const rows = new Map<string, Row>(before.scope === scope ? before.rows : []);
        return edit(rows) ? { scope, rows } : before;
      }),
    [scope],
  );
  const set = useCallback(
    (rows: readonly Row[], on: boolean) =>
      change((all) => {
        for (const row of rows) {
          if (on) all.set(rowKey(row), row);
          else all.delete(rowKey(row));
        }
        return true;
      }),
    [change, rowKey],
  );
  const refresh = useCallback(
    (rows: readonly Row[]) =>
      change((all) => {
        const fresh = rows.filter((row) => all.has(rowKey(row)) && all.get(rowKey(row)) !== row);
        for (const row of fresh) all.set(rowKey(row), row);
        return fresh.length > 0;
      }),
    [change, rowKey],
  );
  const clear = useCallback(() => keep({ scope, rows: new Map() }), [scope]);
  const rows = kept.scope === scope ? kept.rows : undefined;
  return useMemo(
    () => ({ rows: [...(rows?.values() ?? [])], has: (key) => rows?.has(key) === true, set, refresh, clear }),
    [rows, set, refresh, clear],
  );
}
