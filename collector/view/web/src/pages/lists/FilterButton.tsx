import { Button, CloseButton, Modal } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { ListName } from '../../api/requests';
import { IconFilter } from '../../parts/icons';
import { Loading } from '../../parts/Loading';
import classes from './lists.module.css';

const FilterEditor = lazy(() => import('./FilterEditor'));

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
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title="Filter"
        size={760}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Suspense fallback={<Loading label="filter" height={180} />}>
          <FilterEditor list={list} filter={filter} onApply={apply} />
        </Suspense>
      </Modal>
    </>
  );
}
