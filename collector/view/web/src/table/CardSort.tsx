import { NativeSelect } from '@mantine/core';
import type { TableColumn } from './columns';
import classes from './WindowTable.module.css';

interface CardSortProps {
  columns: Pick<TableColumn<unknown>, 'label' | 'sort'>[];
  sort: string;
  onSort: (sort: string) => void;
}

/** Cards have no heads to press: the same choice as a list. */
export function CardSort({ columns, sort, onSort }: CardSortProps) {
  const choices = columns.flatMap(({ label, sort: key }) =>
    key === undefined
      ? []
      : [
          { value: key, label: `${label}, ascending` },
          { value: `-${key}`, label: `${label}, descending` },
        ],
  );
  return (
    <NativeSelect
      className={classes.cardSort}
      size="xs"
      aria-label="Sort by"
      value={sort}
      data={[{ value: '', label: 'Default order' }, ...choices]}
      onChange={(event) => onSort(event.currentTarget.value)}
    />
  );
}
