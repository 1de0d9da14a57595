import { Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { editDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import { FolderSelect } from '../organise/FolderSelect';

/** A device's name, its folder, and whether it raises alerts. */
export function EditDeviceDialog({ device, onClose }: { device: DeviceRow; onClose: () => void }) {
  const queries = useQueryClient();
  // What was there when the dialog was opened: who changes it meanwhile is not overwritten.
  const [version] = useState(device.version);
  const [name, setName] = useState(device.assigned_name);
  const [folder, setFolder] = useState(device.folder_id ?? null);
  const [monitored, setMonitored] = useState(device.monitored);
  const save = useMutation({
    mutationFn: () => editDevice(device.id, { assigned_name: name, folder_id: folder, monitored, version }),
    onSuccess: async (row) => {
      queries.setQueryData(['device', device.id], row);
      await queries.invalidateQueries({ queryKey: ['devices'] });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Edit ${device.name}`}
      onClose={onClose}
      action="Save device"
      onAction={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
    >
      <TextInput
        label="Device name"
        description="Empty: it is called as its machine was when it was enrolled."
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <FolderSelect customer={device.customer_id} label="Folder" value={folder} onChange={setFolder} none="In no folder" />
      <Switch
        label="Monitored"
        description="Where it is not, it raises no alerts, and those that are open resolve."
        checked={monitored}
        onChange={(event) => setMonitored(event.currentTarget.checked)}
      />
    </Dialog>
  );
}
