import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { TokenMade } from '../../api/types';
import { TokenForm } from './TokenForm';
import { TokenWait } from './TokenWait';

interface AddDeviceDialogProps {
  customerId: string;
  opened: boolean;
  onClose: () => void;
}

/** First how many devices and until when, then the command, then the devices as they arrive. */
export function AddDeviceDialog({ customerId, opened, onClose }: AddDeviceDialogProps) {
  const [made, setMade] = useState<TokenMade | null>(null);
  const close = () => {
    onClose();
    setMade(null);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Add device"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={made === null}
    >
      {made ? <TokenWait made={made} onClose={close} /> : <TokenForm customerId={customerId} onMade={setMade} />}
    </Modal>
  );
}
