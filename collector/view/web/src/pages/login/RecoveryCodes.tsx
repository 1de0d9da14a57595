import { Button, Stack, Text } from '@mantine/core';
import { CommandBox } from '../enrol/CommandBox';
import classes from './EntryCard.module.css';

/** Shown once: whoever goes on says that he kept them. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        Keep these recovery codes where your phone is not. Each lets you in once without it, and they are not shown again.
      </Text>
      <div className={classes.codes}>
        <CommandBox command={codes.join('\n')} name="Recovery codes" />
      </div>
      <Button onClick={onDone} fullWidth>
        I have kept them
      </Button>
    </Stack>
  );
}
