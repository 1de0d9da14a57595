import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { foldersQuery } from '../../api/requests';

interface FolderSelectProps {
  customer: string;
  label: string;
  value: string | null;
  onChange: (folder: string | null) => void;
  /** What "no folder" is called here. */
  none: string;
  /** A folder that must not be chosen, with all that lies in it. */
  without?: string;
}

/** One of a customer's folders, by its whole path, or none. */
export function FolderSelect({ customer, label, value, onChange, none, without }: FolderSelectProps) {
  const { data } = useQuery(foldersQuery(customer));
  const hidden = data?.items.find(({ id }) => id === without)?.path;
  const choices = (data?.items ?? [])
    .filter(({ path }) => hidden === undefined || (path !== hidden && !path.startsWith(`${hidden} / `)))
    .map(({ id, path }) => ({ value: id, label: path }));
  return (
    <NativeSelect
      size="sm"
      label={label}
      value={value ?? ''}
      data={[{ value: '', label: none }, ...choices]}
      onChange={({ currentTarget }) => onChange(currentTarget.value || null)}
    />
  );
}
