import type { ColumnInfo } from '../../api/types';
import { stamp } from '../../format/time';
import { inUnit } from '../../format/units';
import { Unknown } from '../../parts/Observed';

/** What a probe's cell holds: a value, or why there is none. */
function reasonOf(value: unknown): string | null {
  if (value === undefined || value === null) return 'not_yet_read';
  if (typeof value !== 'object') return null;
  const reason = (value as { unknown?: unknown }).unknown;
  return typeof reason === 'string' ? reason : '';
}

/** A cell of a probe as text; null where it is unknown. */
export function cellText(value: unknown, column: ColumnInfo): string | null {
  if (reasonOf(value) !== null) return null;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return column.type === 'time_ms' ? stamp(value) : inUnit(value, column.unit);
  return String(value);
}

interface CellProps {
  value: unknown;
  column: ColumnInfo;
}

export function Cell({ value, column }: CellProps) {
  const text = cellText(value, column);
  if (text === null) return <Unknown reason={reasonOf(value) ?? ''} />;
  return <span title={text}>{text === '' ? '–' : text}</span>;
}
