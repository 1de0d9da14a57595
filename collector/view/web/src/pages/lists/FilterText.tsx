import { Textarea } from '@mantine/core';
import type { FilterColumn } from '../../api/types';

interface FilterTextProps {
  value: string;
  columns: readonly FilterColumn[];
  onChange: (text: string) => void;
}

/** A filter in its own language. */
export function FilterText({ value, columns, onChange }: FilterTextProps) {
  const prefix = columns.some(({ name }) => name.startsWith('device.')) ? 'device.' : '';
  return (
    <Textarea
      label="Filter as text"
      description={`${prefix}volumes.free_percent < 10 and not ${prefix}os.family is windows. Brackets, or, in (…), all(…), count(…) > 3; unknown is neither yes nor no.`}
      autosize
      minRows={3}
      maxRows={10}
      spellCheck={false}
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
