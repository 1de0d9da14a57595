import type { ReactNode } from 'react';
import classes from './TabPanel.module.css';

export function TabPanel({ tab, children }: { tab: string; children: ReactNode }) {
  return (
    <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} className={classes.panel}>
      {children}
    </div>
  );
}
