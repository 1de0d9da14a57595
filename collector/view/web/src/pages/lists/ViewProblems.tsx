import { WarningNotice } from '../../parts/Notice';
import { goneColumns } from '../../table/preferences';
import type { ViewInUse } from './useView';

interface ViewProblemsProps {
  inUse: ViewInUse;
  columns: readonly { id: string }[];
}

/** What a saved view names that there is no more. */
export function ViewProblems({ inUse, columns }: ViewProblemsProps) {
  const { view, preferences, isGone } = inUse;
  const gone = preferences ? goneColumns(columns, preferences) : [];
  const problems = [
    ...(isGone ? ['The saved view of this address was deleted, or is no longer shared.'] : []),
    ...(view?.problems ?? []),
    ...gone.map((id) => `There is no column “${id}” any more.`),
  ];
  if (problems.length === 0) return null;
  return (
    <WarningNotice>
      {view ? `The view “${view.name}” no longer fits: ` : ''}
      {problems.join(' ')}
    </WarningNotice>
  );
}
