import { Button, Stack, Text } from '@mantine/core';
import type { TechnicianMade } from '../../api/types';
import { CommandBox } from '../enrol/CommandBox';

/** Shown once, to be handed over. */
export function FirstPassword({ made, onDone }: { made: TechnicianMade; onDone: () => void }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        {made.technician.name} logs in with it once within a day, and chooses another one then. It is not shown again.
      </Text>
      <CommandBox command={made.first_password} name="First password" />
      <Button onClick={onDone}>I have handed it over</Button>
    </Stack>
  );
}
