import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconStar, IconStarred } from './icons';
import { RowIcon } from './RowIcon';

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
    <RowIcon
      aria-label={label}
      aria-pressed={starred}
      aria-busy={change.isPending}
      data-tip={change.error ? change.error.message : label}
      onClick={() => change.isPending || change.mutate(!starred)}
    >
      {starred ? <IconStarred size={15} /> : <IconStar size={15} />}
    </RowIcon>
  );
}
