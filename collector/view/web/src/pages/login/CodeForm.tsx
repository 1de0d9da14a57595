import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { ApiError } from '../../api/problem';
import { ProblemNotice } from '../../parts/Notice';
import { useCountdown } from './useCountdown';

interface CodeFormProps<Answer> {
  /** What it is for: the form's name. */
  name: string;
  /** What the button says. */
  action: string;
  /** Where the code comes from. */
  hint?: string;
  send: (code: string) => Promise<Answer>;
  onDone: (answer: Answer) => void;
}

const ANY_CODE = 'Six digits, or one of your recovery codes';

/** Asks for a code of the second step. */
export function CodeForm<Answer>({ name, action, hint = ANY_CODE, send, onDone }: CodeFormProps<Answer>) {
  const [code, setCode] = useState('');
  const [wait, startWait] = useCountdown();
  const enter = useMutation({
    mutationFn: () => send(code.trim()),
    onSuccess: onDone,
    onError: (error) => {
      setCode('');
      if (error instanceof ApiError && error.retryAfter) startWait(error.retryAfter);
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (wait === 0) enter.mutate();
  };
  return (
    <form onSubmit={submit} aria-label={name}>
      <Stack gap="sm">
        <TextInput
          label="Code"
          description={hint}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {enter.error && <ProblemNotice error={enter.error} />}
        <Button type="submit" loading={enter.isPending} disabled={wait > 0 || code.trim() === ''} fullWidth>
          {wait > 0 ? `Try again in ${wait} s` : action}
        </Button>
      </Stack>
    </form>
  );
}
