import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { ApiError } from '../../api/problem';
import { changePassword } from '../../api/requests';
import { ProblemNotice } from '../../parts/Notice';

interface PasswordFormProps {
  onDone: () => void;
}

/** Changes one's own password; the rules are the collector's, and so are the words when it says no. */
export function PasswordForm({ onDone }: PasswordFormProps) {
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [differs, setDiffers] = useState(false);
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: (session) => {
      queries.setQueryData(['session'], session);
      onDone();
    },
  });
  const problem = change.error instanceof ApiError ? change.error.problem : null;
  const fieldError = (field: string) => (problem?.field === field ? `${problem.detail} ${problem.remedy}`.trim() : null);
  const atField = fieldError('current_password') ?? fieldError('new_password');

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setDiffers(next !== again);
    if (next === again) change.mutate();
  };
  const toggle = { visibilityToggleButtonProps: { 'aria-label': 'Show what is typed' } };

  return (
    <form onSubmit={submit} aria-label="Change password">
      <Stack gap="sm">
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          error={fieldError('current_password')}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          {...toggle}
        />
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={next}
          error={fieldError('new_password')}
          onChange={(event) => setNext(event.currentTarget.value)}
          {...toggle}
        />
        <PasswordInput
          label="Repeat new password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={again}
          error={differs ? 'Not the same as the new password' : null}
          onChange={(event) => setAgain(event.currentTarget.value)}
          {...toggle}
        />
        {change.error && !atField && <ProblemNotice error={change.error} />}
        <Button type="submit" loading={change.isPending} fullWidth>
          Change password
        </Button>
      </Stack>
    </form>
  );
}
