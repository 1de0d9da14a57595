import type { ComponentProps } from 'react';
import classes from './rows.module.css';

/** A button that is an icon, in a list: plain, since a list has many. */
export function RowIcon(props: ComponentProps<'button'> & { 'aria-label': string; 'data-tip'?: string }) {
  return <button type="button" className={classes.icon} {...props} />;
}
