import { IconArrowDown, IconArrowUp } from '../parts/icons';
import type { TableColumn } from './columns';
import classes from './WindowTable.module.css';

interface SortHeaderProps {
  column: Pick<TableColumn<unknown>, 'label' | 'meaning' | 'align' | 'sort' | 'id'>;
  sort: string;
  onSort?: (key: string) => void;
  /** Stays in sight so many pixels from the right. */
  pinned?: number;
}

export function SortHeader({ column, sort, onSort, pinned }: SortHeaderProps) {
  const key = onSort && column.sort;
  const direction = key && sort === key ? 'ascending' : key && sort === `-${key}` ? 'descending' : undefined;
  return (
    <th scope="col" data-align={column.align} data-column={column.id} data-pinned={pinned} aria-sort={direction} style={{ right: pinned }}>
      {key ? (
        <button type="button" className={classes.sort} data-tip={column.meaning} onClick={() => onSort(key)}>
          <span>{column.label}</span>
          {direction === 'ascending' && <IconArrowUp size={13} />}
          {direction === 'descending' && <IconArrowDown size={13} />}
        </button>
      ) : (
        <span data-tip={column.meaning}>{column.label}</span>
      )}
    </th>
  );
}
