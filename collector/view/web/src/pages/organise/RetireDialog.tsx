import { Text } from '@mantine/core';
import { retireDevices } from '../../api/requests';
import { counted } from '../../format/words';
import { BulkDialog } from './BulkDialog';
import type { ChosenDevice } from './chosenDevices';

interface RetireDialogProps {
  devices: ReadonlyMap<string, ChosenDevice>;
  onClose: () => void;
  onDone: () => void;
}

export function RetireDialog({ devices, onClose, onDone }: RetireDialogProps) {
  const only = devices.size === 1 ? [...devices.values()][0]?.name : undefined;
  return (
    <BulkDialog
      title={`Retire ${only ?? counted(devices.size, 'device')}?`}
      devices={devices}
      action="Retire"
      danger
      act={retireDevices}
      onClose={onClose}
      onDone={onDone}
    >
      <Text size="sm">
        The connection is closed and the certificate is no longer accepted. Open alerts resolve. History stays, lists leave
        it out unless the filter asks for retired devices, and it can be taken back at any time.
      </Text>
    </BulkDialog>
  );
}
