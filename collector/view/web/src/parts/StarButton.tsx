import { ActionIcon } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconStar, IconStarred } from './icons';

interface StarButtonProps {
  /** What is starred, for its label. */
  name: string;
  starred: boolean;
  onChange: (starred: boolean) => Promise<void>;
  /** Queries that show it. */
  touches: readonly string[];
}

/** A favourite of whoever is logged in, and of nobody else. */
export function StarButton({ name, starred, onChange, touches }: StarButtonProps) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: onChange,
    onSettled: () => Promise.all(touches.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const label = starred ? `${name} is a favourite` : `Make ${name} a favourite`;
  return (
    <ActionIcon
      variant="subtle"
      size="sm"
      color={starred ? 'yellow.8' : 'gray'}
      aria-label={label}
      aria-pressed={starred}
      data-tip={change.error ? change.error.message : label}
      loading={change.isPending}
      onClick={() => change.mutate(!starred)}
    >
      {starred ? <IconStarred size={15} /> : <IconStar size={15} />}
    </ActionIcon>
  );
}
