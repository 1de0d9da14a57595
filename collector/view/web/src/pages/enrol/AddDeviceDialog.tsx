import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { TokenMade } from '../../api/types';
import { TokenForm } from './TokenForm';
import { TokenWait } from './TokenWait';

interface AddDeviceDialogProps {
  customerId: string;
  onClose: () => void;
}

/** First how many devices and until when, then the command, then the devices as they arrive. It is there while it is drawn. */
export function AddDeviceDialog({ customerId, onClose }: AddDeviceDialogProps) {
  const [made, setMade] = useState<TokenMade | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add device"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={made === null}
    >
      {made ? <TokenWait made={made} onClose={onClose} /> : <TokenForm customerId={customerId} onMade={setMade} />}
    </Modal>
  );
}
