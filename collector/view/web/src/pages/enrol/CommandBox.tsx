import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '../../parts/icons';
import classes from './enrol.module.css';

interface CommandBoxProps {
  command: string;
  /** What it is: its name for screen readers and on the button. */
  name?: string;
}

/** A line for a terminal, and a button that copies it. */
export function CommandBox({ command, name = 'Command' }: CommandBoxProps) {
  const clipboard = useClipboard({ timeout: 3000 });
  return (
    <div className={classes.command}>
      <code tabIndex={0} aria-label={name}>
        {command}
      </code>
      <Button
        size="xs"
        variant={clipboard.copied ? 'filled' : 'default'}
        leftSection={clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        onClick={() => clipboard.copy(command)}
      >
        {clipboard.copied ? 'Copied' : `Copy ${name.toLowerCase()}`}
      </Button>
      {clipboard.error && <span role="alert">The browser did not allow it: select the line and copy it by hand.</span>}
    </div>
  );
}
