import { Checkbox } from '@mantine/core';
import type { PermissionRow } from '../../api/types';
import classes from './settings.module.css';

interface PermissionChoiceProps {
  permissions: PermissionRow[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Which of the permissions that one has oneself. */
export function PermissionChoice({ permissions, chosen, onChange }: PermissionChoiceProps) {
  const toggle = (word: string, on: boolean) => onChange(on ? [...chosen, word] : chosen.filter((one) => one !== word));
  return (
    <div className={classes.choices} role="group" aria-label="Permissions">
      {permissions.map(({ word, meaning }) => (
        <Checkbox
          key={word}
          size="xs"
          label={meaning === word ? word : `${meaning} (${word})`}
          checked={chosen.includes(word)}
          onChange={(event) => toggle(word, event.currentTarget.checked)}
        />
      ))}
    </div>
  );
}
