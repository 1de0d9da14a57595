import { Skeleton } from '@mantine/core';
import { memo, type ReactNode, type Ref } from 'react';
import type { TableColumn } from './columns';
import classes from './WindowTable.module.css';

interface WindowRowProps<Row> {
  index: number;
  /** Undefined while its page is on the way. */
  row: Row | undefined;
  columns: TableColumn<Row>[];
  rowKey: (row: Row) => string;
  compact: boolean;
  expanded: boolean;
  onToggle: (key: string) => void;
  detail?: (row: Row) => ReactNode;
  measure?: Ref<HTMLTableSectionElement>;
}

/** One row, and what is open below it. Drawn again only when something of its own changed, not at each scroll step. */
function Row<Data>(props: WindowRowProps<Data>) {
  const { index, row, columns, rowKey, compact, expanded, onToggle, detail, measure } = props;
  const context = { compact, expanded, toggle: () => row !== undefined && onToggle(rowKey(row)) };
  return (
    <tbody ref={measure} data-index={index}>
      <tr aria-rowindex={index + 2} className={classes.row}>
        {columns.map(({ id, align, cell }) => (
          <td key={id} data-align={align} data-column={id}>
            {row === undefined ? <Skeleton height={10} width="70%" /> : cell(row, context)}
          </td>
        ))}
      </tr>
      {row !== undefined && expanded && detail && (
        <tr className={classes.detail}>
          <td colSpan={columns.length}>
            <div className={classes.detailInner}>{detail(row)}</div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

export const WindowRow = memo(Row) as typeof Row;
