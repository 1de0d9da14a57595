import { NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { customersQuery, moveDevices } from '../../api/requests';
import { counted } from '../../format/words';
import { EVERY_CUSTOMER } from '../../state/customerSearch';
import { BulkDialog } from './BulkDialog';
import type { ChosenDevice } from './chosenDevices';
import { FolderSelect } from './FolderSelect';

interface MoveDialogProps {
  /** Where the choice begins. */
  customer: string;
  devices: ReadonlyMap<string, ChosenDevice>;
  onClose: () => void;
  onDone: () => void;
}

/** Edit relations: which customer, and which folder of it, devices belong to. */
export function MoveDialog({ customer, devices, onClose, onDone }: MoveDialogProps) {
  const [to, setTo] = useState(customer);
  const [folder, setFolder] = useState<string | null>(null);
  const { data: customers } = useQuery(customersQuery(EVERY_CUSTOMER));
  return (
    <BulkDialog
      title={`Edit relations of ${counted(devices.size, 'device')}`}
      devices={devices}
      action="Move"
      act={(ids) => moveDevices(ids, to, folder)}
      onClose={onClose}
      onDone={onDone}
    >
      <NativeSelect
        label="Customer"
        data-autofocus
        value={to}
        data={(customers?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={({ currentTarget }) => {
          setTo(currentTarget.value);
          setFolder(null);
        }}
      />
      <FolderSelect customer={to} label="Folder" value={folder} onChange={setFolder} none="In no folder" />
      {to !== customer && (
        <Text size="sm">Their history and alerts go with them; technicians of the old customer no longer see them.</Text>
      )}
    </BulkDialog>
  );
}
