import type { ReactNode } from 'react';

export interface CellContext {
  /** The row's extra part is open. */
  expanded: boolean;
  toggle: () => void;
  compact: boolean;
  selected: boolean;
  /** Absent where rows cannot be selected. */
  select?: (on: boolean) => void;
}

/** A column of a windowed table. */
export interface TableColumn<Row> {
  id: string;
  label: string;
  /** What it means, on hover of its head. */
  meaning?: string;
  width: number;
  /** Where one line needs more room than two. */
  compactWidth?: number;
  /** Its place in the card that a row becomes on a phone; absent: not on the card. */
  card?: 'title' | 'corner' | 'half';
  /** The API's key to sort by it. */
  sort?: string;
  /** What it is in CSV: columns of the API's filters. Absent: the same name as its id; empty: nothing. */
  csv?: readonly string[];
  align?: 'right';
  /** Cannot be hidden or moved: stands first, or last, and is never scrolled out of sight. */
  permanent?: 'first' | 'last';
  /** Not shown until chosen. */
  hidden?: boolean;
  cell: (row: Row, context: CellContext) => ReactNode;
}

/** What stands in the file for the columns that are shown. */
export function csvColumns(columns: readonly Pick<TableColumn<unknown>, 'id' | 'csv'>[], shown: readonly string[]): string[] {
  return shown.flatMap((id) => columns.filter((column) => column.id === id).flatMap((column) => column.csv ?? [id]));
}
