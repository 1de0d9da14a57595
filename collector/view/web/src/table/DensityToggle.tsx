import { ActionIcon } from '@mantine/core';
import { IconRows, IconRowsTall } from '../parts/icons';
import type { TablePreferences } from './preferences';
import classes from './WindowTable.module.css';

export function DensityToggle({ preferences }: { preferences: TablePreferences }) {
  const compact = preferences.density === 'compact';
  const label = compact ? 'Switch to detailed rows' : 'Switch to compact rows';
  return (
    <ActionIcon
      variant="default"
      size={30}
      className={classes.density}
      aria-label={label}
      data-tip={label}
      onClick={() => preferences.setDensity(compact ? 'detailed' : 'compact')}
    >
      {compact ? <IconRowsTall /> : <IconRows />}
    </ActionIcon>
  );
}
