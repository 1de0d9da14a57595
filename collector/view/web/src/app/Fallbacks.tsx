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

export function PageFailed({ error, reset }: ErrorComponentProps) {
  useTitle('Error');
  return <ProblemNotice error={error} retry={reset} />;
}
