import { Button } from '@mantine/core';
import type { FilterFault } from '../../api/types';
import { around } from '../../state/filterText';
import classes from './lists.module.css';

interface FilterFaultNoticeProps {
  text: string;
  fault: FilterFault | null;
  /** Where absent, the text is written by a form. */
  onReplace: ((text: string) => void) | undefined;
}

/** Where a filter is wrong, what to write, and what may have been meant. */
export function FilterFaultNotice({ text, fault, onReplace }: FilterFaultNoticeProps) {
  if (!fault) return <div role="status" aria-label="Check of the filter" />;
  const [before, wrong, behind] = around(text, fault.position, fault.length);
  return (
    <div role="status" aria-label="Check of the filter" className={classes.fault}>
      <code>
        {before}
        <mark>{wrong || ' '}</mark>
        {behind}
      </code>
      <div>{fault.message}</div>
      <div>{fault.remedy}</div>
      {onReplace &&
        fault.nearest.map((name) => (
          <Button key={name} size="compact-xs" variant="light" onClick={() => onReplace(before + name + behind)}>
            {name}
          </Button>
        ))}
    </div>
  );
}
