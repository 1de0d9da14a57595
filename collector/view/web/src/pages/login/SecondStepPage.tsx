import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTitle } from '../../app/useTitle';
import { EntryCard } from './EntryCard';
import { TotpSetUp } from './TotpSetUp';

/** The role wants a second step: nothing else is open before there is one. */
export function SecondStepPage() {
  useTitle('Set up your second step');
  const queries = useQueryClient();
  return (
    <EntryCard title="Set up your second step">
      <Text size="sm" c="dimmed" mb="sm">
        Your role needs one: from now on a log-in asks for a code of your phone, too.
      </Text>
      <TotpSetUp code="" onDone={() => void queries.invalidateQueries({ queryKey: ['session'] })} />
    </EntryCard>
  );
}
