import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { enterCode } from '../../api/access';
import { logOut } from '../../api/requests';
import { useTitle } from '../../app/useTitle';
import { CodeForm } from './CodeForm';
import { EntryCard } from './EntryCard';

/** The second step of a log-in. */
export function CodePage() {
  useTitle('Enter your code');
  const queries = useQueryClient();
  const leave = useMutation({ mutationFn: logOut, onSettled: () => queries.setQueryData(['session'], null) });
  return (
    <EntryCard title="Enter your code">
      <CodeForm
        name="Enter your code"
        action="Go on"
        send={enterCode}
        onDone={(session) => queries.setQueryData(['session'], session)}
      />
      <Button variant="subtle" size="xs" mt="sm" loading={leave.isPending} onClick={() => leave.mutate()} fullWidth>
        Log in as somebody else
      </Button>
    </EntryCard>
  );
}
