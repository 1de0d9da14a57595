import { Modal } from '@mantine/core';
import { PasswordForm } from './PasswordForm';

interface PasswordDialogProps {
  opened: boolean;
  onClose: () => void;
}

export function PasswordDialog({ opened, onClose }: PasswordDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Change password" closeButtonProps={{ 'aria-label': 'Close' }}>
      <PasswordForm onDone={onClose} />
    </Modal>
  );
}
