import { Modal } from '@mantine/core';
import { PasswordForm } from './PasswordForm';

/** It is there while it is drawn. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Change password" closeButtonProps={{ 'aria-label': 'Close' }}>
      <PasswordForm onDone={onClose} />
    </Modal>
  );
}
