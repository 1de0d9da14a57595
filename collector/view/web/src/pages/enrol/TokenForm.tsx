import { Button, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { makeToken } from '../../api/requests';
import type { TokenMade } from '../../api/types';
import { ProblemNotice } from '../../parts/Notice';

const HOUR_S = 3600;
const TIMES = [
  { value: String(HOUR_S), label: '1 hour' },
  { value: String(24 * HOUR_S), label: '1 day' },
  { value: String(7 * 24 * HOUR_S), label: '7 days' },
];
const MOST_USES = 1000;

interface TokenFormProps {
  customerId: string;
  onMade: (made: TokenMade) => void;
}

export function TokenForm({ customerId, onMade }: TokenFormProps) {
  const [uses, setUses] = useState(1);
  const [seconds, setSeconds] = useState(String(24 * HOUR_S));
  const make = useMutation({
    mutationFn: () => makeToken(customerId, uses, Number(seconds)),
    onSuccess: onMade,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit} aria-label="Add device">
      <Stack gap="sm">
        <Text size="sm">
          Makes a command that installs the agent on a machine and enrols it. Whoever has the command can enrol a device
          with this customer: give it few uses and a short life.
        </Text>
        <Group grow align="flex-start">
          <NumberInput
            label="Devices"
            min={1}
            max={MOST_USES}
            allowDecimal={false}
            clampBehavior="strict"
            value={uses}
            onChange={(value) => setUses(Number(value) || 1)}
          />
          <NativeSelect
            label="Valid for"
            data={TIMES}
            value={seconds}
            onChange={(event) => setSeconds(event.currentTarget.value)}
          />
        </Group>
        {make.error && <ProblemNotice error={make.error} />}
        <Button type="submit" loading={make.isPending} data-autofocus>
          Make the command
        </Button>
      </Stack>
    </form>
  );
}
