import type { ReactNode } from 'react';
import classes from './Toolbar.module.css';

interface ToolbarProps {
  search: ReactNode;
  filters: ReactNode;
  count: string;
  settings: ReactNode;
}

/** What stands above a list: search, filters, how many there are, and how they are shown. */
export function Toolbar({ search, filters, count, settings }: ToolbarProps) {
  return (
    <div className={classes.toolbar}>
      <div className={classes.search}>{search}</div>
      <div className={classes.filters} role="group" aria-label="Filters">
        {filters}
      </div>
      <span className={classes.count} aria-live="polite">
        {count}
      </span>
      <div className={classes.settings}>{settings}</div>
    </div>
  );
}
