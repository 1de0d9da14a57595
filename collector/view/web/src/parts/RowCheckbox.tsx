import classes from './rows.module.css';

interface RowCheckboxProps {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}

/** Selects a row. The browser's own: a list has many. */
export function RowCheckbox({ label, checked, onChange }: RowCheckboxProps) {
  return (
    <input
      type="checkbox"
      className={classes.check}
      aria-label={label}
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
