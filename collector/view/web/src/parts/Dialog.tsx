import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode, SyntheticEvent } from 'react';
import { ProblemNotice } from './Notice';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** What the button says that does it. */
  action: string;
  onAction: () => void;
  danger?: boolean;
  disabled?: boolean;
  pending?: boolean;
  error?: unknown;
  size?: string;
  children: ReactNode;
}

/** A question with two answers: not now, and do it. It is there while it is drawn. */
export function Dialog(props: DialogProps) {
  const { title, onClose, action, onAction, danger = false, disabled = false, pending = false, error } = props;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onAction();
  };
  return (
    <Modal opened onClose={onClose} title={title} size={props.size} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} aria-label={title}>
        <Stack gap="sm">
          {props.children}
          {error != null && <ProblemNotice error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" size="xs" color={danger ? 'red.8' : undefined} loading={pending} disabled={disabled}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
