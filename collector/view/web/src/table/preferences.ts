import { useLocalStorage } from '@mantine/hooks';
import { useMemo } from 'react';

export type Density = 'detailed' | 'compact';

export interface Preferences {
  density: Density;
  /** Ids of the columns that move, in their order. Columns that it does not name follow in their own order. */
  order: string[];
  visible: Record<string, boolean>;
}

interface PlainColumn {
  id: string;
  permanent?: boolean;
  hidden?: boolean;
}

const NONE: Preferences = { density: 'detailed', order: [], visible: {} };

/** The order with what a newer version of the page added, and without what it no longer has. */
export function completeOrder(columns: readonly PlainColumn[], kept: readonly string[]): string[] {
  const movable = columns.filter((column) => !column.permanent).map((column) => column.id);
  const known = kept.filter((id) => movable.includes(id));
  const permanent = columns.filter((column) => column.permanent).map((column) => column.id);
  return [...permanent, ...known, ...movable.filter((id) => !known.includes(id))];
}

export function visibility(columns: readonly PlainColumn[], kept: Record<string, boolean>): Record<string, boolean> {
  return Object.fromEntries(
    columns.map((column) => [column.id, column.permanent === true || (kept[column.id] ?? !column.hidden)]),
  );
}

/** Moves a column one place; permanent ones stay where they are. */
export function moved(order: readonly string[], id: string, by: -1 | 1, first: number): string[] {
  const from = order.indexOf(id);
  const to = from + by;
  if (from < first || to < first || to >= order.length) return [...order];
  const next = order.filter((other) => other !== id);
  next.splice(to, 0, id);
  return next;
}

/** How one person wants one table in this browser. */
export function usePreferences(table: string, columns: readonly PlainColumn[]) {
  const [kept, keep] = useLocalStorage<Preferences>({
    key: `rollcall-table-${table}`,
    defaultValue: NONE,
    getInitialValueInEffect: false,
  });
  return useMemo(
    () => ({
      density: kept.density,
      order: completeOrder(columns, kept.order),
      visible: visibility(columns, kept.visible),
      setDensity: (density: Density) => keep({ ...kept, density }),
      setOrder: (order: string[]) => keep({ ...kept, order }),
      setVisible: (id: string, shown: boolean) => keep({ ...kept, visible: { ...kept.visible, [id]: shown } }),
      reset: () => keep(NONE),
    }),
    [columns, kept, keep],
  );
}

export type TablePreferences = ReturnType<typeof usePreferences>;
