import { Button, CloseButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { ListName } from '../../api/requests';
import { IconFilter } from '../../parts/icons';
import classes from './lists.module.css';

const FilterDialog = lazy(async () => ({ default: (await import('./FilterDialog')).FilterDialog }));

interface FilterButtonProps {
  list: ListName;
  filter: string;
  onChange: (filter: string) => void;
}

/** The filter in words, and the dialog in which it is written. */
export function FilterButton({ list, filter, onChange }: FilterButtonProps) {
  const [opened, setOpened] = useState(false);
  const apply = (next: string) => {
    setOpened(false);
    onChange(next);
  };
  return (
    <>
      <Button
        size="xs"
        variant={filter ? 'light' : 'default'}
        leftSection={<IconFilter size={14} />}
        onClick={() => setOpened(true)}
      >
        Filter
      </Button>
      {filter && (
        <span className={classes.chip}>
          <code title={filter}>{filter}</code>
          <CloseButton size="xs" aria-label="Remove the filter" onClick={() => onChange('')} />
        </span>
      )}
      {opened && (
        <Suspense fallback={null}>
          <FilterDialog list={list} filter={filter} onApply={apply} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
