import { Skeleton } from '@mantine/core';

interface LoadingProps {
  label: string;
  height: number;
  width?: number;
}

/** The place of something that is on its way. */
export function Loading({ label, height, width }: LoadingProps) {
  return (
    <span role="status" aria-label={`Loading ${label}`}>
      <Skeleton component="span" display="block" height={height} width={width} />
    </span>
  );
}
