import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { ApiError } from '../../api/problem';
import { logIn } from '../../api/requests';
import { useTitle } from '../../app/useTitle';
import { ProblemNotice } from '../../parts/Notice';
import { EntryCard } from './EntryCard';
import { useCountdown } from './useCountdown';

export function LoginPage() {
  useTitle('Log in');
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wait, startWait] = useCountdown();
  const enter = useMutation({
    mutationFn: () => logIn(name, password),
    onSuccess: (session) => queries.setQueryData(['session'], session),
    onError: (error) => {
      if (error instanceof ApiError && error.retryAfter) startWait(error.retryAfter);
    },
  });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (wait === 0) enter.mutate();
  };

  return (
    <EntryCard title="Log in">
      <form onSubmit={submit} aria-label="Log in">
        <Stack gap="sm">
          <TextInput
            label="User name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
          />
          {enter.error && <ProblemNotice error={enter.error} />}
          <Button type="submit" loading={enter.isPending} disabled={wait > 0} fullWidth>
            {wait > 0 ? `Try again in ${wait} s` : 'Log in'}
          </Button>
        </Stack>
      </form>
    </EntryCard>
  );
}
