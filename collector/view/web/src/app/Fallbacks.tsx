import type { ErrorComponentProps } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import { EmptyNotice, ProblemNotice } from '../parts/Notice';
import { useTitle } from './useTitle';

export function NotFound() {
  useTitle('Not found');
  return (
    <EmptyNotice title="There is no such page">
      <Link to="/">Back to the customers</Link>
    </EmptyNotice>
  );
}

/** A part of the page that could not be fetched stays so until all of it is loaded again, perhaps as a newer version. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  useTitle('Error');
  const retry = error instanceof TypeError ? () => location.reload() : reset;
  return <ProblemNotice error={error} retry={retry} />;
}
