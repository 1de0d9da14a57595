import { Text } from '@mantine/core';
import { useTitle } from '../../app/useTitle';
import { EntryCard } from './EntryCard';
import { PasswordForm } from './PasswordForm';

/** After the first log-in: the password that stood on the terminal is good for nothing else. */
export function FirstPasswordPage() {
  useTitle('Choose a password');
  return (
    <EntryCard title="Choose your own password">
      <Text size="sm" c="dimmed" mb="sm">
        The one you logged in with was only for the first time.
      </Text>
      <PasswordForm onDone={() => undefined} />
    </EntryCard>
  );
}
