import { useLocalStorage } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';

export type Density = 'detailed' | 'compact';

export interface Preferences {
  density: Density;
  /** Ids of the columns that move, in their order. Columns that it does not name follow in their own order. */
  order: string[];
  visible: Record<string, boolean>;
  /** In pixels, of those whose width was chosen. */
  widths?: Record<string, number>;
}

interface PlainColumn {
  id: string;
  permanent?: 'first' | 'last';
  hidden?: boolean;
}

const NONE: Preferences = { density: 'detailed', order: [], visible: {} };

/** The order with what a newer version of the page added, and without what it no longer has. */
export function completeOrder(columns: readonly PlainColumn[], kept: readonly string[]): string[] {
  const movable = columns.filter((column) => !column.permanent).map((column) => column.id);
  const known = kept.filter((id) => movable.includes(id));
  const permanent = (place: 'first' | 'last') => columns.filter((column) => column.permanent === place).map(({ id }) => id);
  return [...permanent('first'), ...known, ...movable.filter((id) => !known.includes(id)), ...permanent('last')];
}

export function visibility(columns: readonly PlainColumn[], kept: Record<string, boolean>): Record<string, boolean> {
  return Object.fromEntries(
    columns.map((column) => [column.id, column.permanent !== undefined || (kept[column.id] ?? !column.hidden)]),
  );
}

/** Moves a column one place; permanent ones stay where they are. */
export function moved(order: readonly string[], id: string, by: -1 | 1, columns: readonly PlainColumn[]): string[] {
  const isPermanent = (other: string | undefined) =>
    columns.some((column) => column.id === other && column.permanent !== undefined);
  const from = order.indexOf(id);
  const to = from + by;
  if (order[to] === undefined || isPermanent(id) || isPermanent(order[to])) return [...order];
  const next = order.filter((other) => other !== id);
  next.splice(to, 0, id);
  return next;
}

export const LEAST_PX = 40;
export const MOST_PX = 1000;

/** A saved view as a table begins with it. */
export interface ViewPreferences {
  /** Of the view and its version: whoever changes its columns for himself keeps that until the view changes. */
  key: string;
  density: Density;
  /** Those that are shown, in their order; empty: as they come. */
  columns: readonly { id: string; width_px?: number | null }[];
}

export function fromView(columns: readonly PlainColumn[], view: ViewPreferences): Preferences {
  if (view.columns.length === 0) return { ...NONE, density: view.density };
  const shown = view.columns.map(({ id }) => id);
  return {
    density: view.density,
    order: shown,
    visible: Object.fromEntries(columns.map(({ id }) => [id, shown.includes(id)])),
    widths: Object.fromEntries(view.columns.flatMap(({ id, width_px: px }) => (px ? [[id, px]] : []))),
  };
}

/** Ids that a view names and the table no longer has. */
export function goneColumns(columns: readonly PlainColumn[], view: ViewPreferences): string[] {
  return view.columns.map(({ id }) => id).filter((id) => !columns.some((column) => column.id === id));
}

/** How one person wants one table in this browser; with a view, how he wants that view. */
export function usePreferences(table: string, columns: readonly PlainColumn[], view?: ViewPreferences) {
  const [all, keepAll] = useLocalStorage<Record<string, Preferences>>({
    key: `rollcall-views-${table}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const [own, keepOwn] = useLocalStorage<Preferences>({
    key: `rollcall-table-${table}`,
    defaultValue: NONE,
    getInitialValueInEffect: false,
  });
  const begin = useMemo(() => (view ? fromView(columns, view) : NONE), [columns, view]);
  const kept = view ? (all[view.key] ?? begin) : own;
  const keep = useCallback(
    (next: Preferences) => (view ? keepAll((before) => ({ ...before, [view.key]: next })) : keepOwn(next)),
    [view, keepAll, keepOwn],
  );
  return useMemo(
    () => ({
      density: kept.density,
      widths: kept.widths ?? {},
      order: completeOrder(columns, kept.order),
      visible: visibility(columns, kept.visible),
      setDensity: (density: Density) => keep({ ...kept, density }),
      setOrder: (order: string[]) => keep({ ...kept, order }),
      setVisible: (id: string, shown: boolean) => keep({ ...kept, visible: { ...kept.visible, [id]: shown } }),
      setWidth: (id: string, px: number | undefined) => {
        const others = Object.entries(kept.widths ?? {}).filter(([other]) => other !== id);
        keep({ ...kept, widths: Object.fromEntries(px === undefined ? others : [...others, [id, px]]) });
      },
      reset: () => keep(begin),
    }),
    [columns, kept, keep, begin],
  );
}

export type TablePreferences = ReturnType<typeof usePreferences>;
