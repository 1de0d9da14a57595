import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNotice } from '../../parts/Notice';

interface ConfirmButtonProps {
  /** On the button. */
  label: string;
  /** Above the question. */
  title: string;
  /** What is lost. */
  question: string;
  /** On the button that does it. */
  action: string;
  run: () => Promise<unknown>;
  onDone: () => void;
}

/** Does something that takes something away, after asking. */
export function ConfirmButton({ label, title, question, action, run, onDone }: ConfirmButtonProps) {
  const [asking, setAsking] = useState(false);
  const done = useMutation({
    mutationFn: run,
    onSuccess: () => {
      setAsking(false);
      onDone();
    },
  });
  const ask = () => {
    done.reset();
    setAsking(true);
  };
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={`${label}: ${title}`} onClick={ask}>
        {label}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={title}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="sm">
          <Text size="sm">{question}</Text>
          {done.error && <ProblemNotice error={done.error} />}
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" data-autofocus onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button size="xs" color="red.8" loading={done.isPending} onClick={() => done.mutate()}>
              {action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
