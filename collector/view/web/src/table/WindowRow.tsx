import { memo, type ReactNode, type Ref } from 'react';
import rows from '../parts/rows.module.css';
import type { TableColumn } from './columns';
import classes from './WindowTable.module.css';

interface WindowRowProps<Row> {
  index: number;
  /** Undefined while its page is on the way. */
  row: Row | undefined;
  columns: TableColumn<Row>[];
  /** Columns that stay in sight, and so many pixels from the right. */
  pinned: Readonly<Record<string, number>>;
  rowKey: (row: Row) => string;
  compact: boolean;
  /** The cells stand as a card, which a browser no longer takes for a table by itself. */
  card: boolean;
  /** The keys have come to it. */
  current: boolean;
  expanded: boolean;
  onToggle: (key: string) => void;
  selected: boolean;
  onSelect?: (rows: readonly Row[], on: boolean) => void;
  /** How the row is to be looked at, as its `data-tone`. */
  tone?: (row: Row) => string | undefined;
  detail?: (row: Row) => ReactNode;
  measure?: Ref<HTMLTableSectionElement>;
}

/** One row, and what is open below it. Drawn again only when something of its own changed, not at each scroll step. */
function Row<Data>(props: WindowRowProps<Data>) {
  const { index, row, columns, pinned, rowKey, compact, card, current, expanded, onToggle, detail, measure } = props;
  const { selected, onSelect, tone } = props;
  const context = {
    compact,
    expanded,
    toggle: () => row !== undefined && onToggle(rowKey(row)),
    selected,
    select: onSelect && ((on: boolean) => row !== undefined && onSelect([row], on)),
  };
  return (
    <tbody ref={measure} data-index={index} role={card ? 'rowgroup' : undefined}>
      <tr
        aria-rowindex={index + 2}
        aria-current={current || undefined}
        className={classes.row}
        role={card ? 'row' : undefined}
        data-tone={row === undefined ? undefined : tone?.(row)}
        data-selected={selected || undefined}
      >
        {columns.map(({ id, label, align, card: place, cell }) => (
          <td
            key={id}
            role={card ? 'cell' : undefined}
            data-align={align}
            data-column={id}
            data-label={card ? label : undefined}
            data-card={card ? place : undefined}
            data-pinned={pinned[id]}
            style={{ right: pinned[id] }}
          >
            {row === undefined ? <span className={rows.coming} /> : cell(row, context)}
          </td>
        ))}
      </tr>
      {row !== undefined && expanded && detail && (
        <tr className={classes.detail} role={card ? 'row' : undefined}>
          <td role={card ? 'cell' : undefined} colSpan={columns.length}>
            <div className={classes.detailInner}>{detail(row)}</div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

export const WindowRow = memo(Row) as typeof Row;
