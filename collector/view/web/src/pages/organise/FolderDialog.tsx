import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addFolder, editFolder } from '../../api/requests';
import type { FolderRow } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import { FolderSelect } from './FolderSelect';

interface FolderDialogProps {
  customer: string;
  /** The folder that is changed; absent: a new one. */
  folder?: FolderRow;
  /** Where a new one begins. */
  parent?: string | null;
  onClose: () => void;
}

/** Adds a folder, or renames and moves one. */
export function FolderDialog({ customer, folder, parent = null, onClose }: FolderDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(folder?.name ?? '');
  const [place, setPlace] = useState<string | null>(folder ? (folder.parent_id ?? null) : parent);
  const save = useMutation({
    mutationFn: () => (folder ? editFolder(folder, name, place) : addFolder(customer, name, place)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['customers', 'folders', customer] });
      onClose();
    },
  });
  return (
    <Dialog
      title={folder ? `Rename or move ${folder.name}` : 'Add folder'}
      onClose={onClose}
      action="Save folder"
      onAction={() => save.mutate()}
      disabled={name.trim() === ''}
      pending={save.isPending}
      error={save.error}
    >
      <TextInput
        label="Folder name"
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <FolderSelect
        customer={customer}
        label="Lies in"
        value={place}
        onChange={setPlace}
        none="The top"
        without={folder?.id}
      />
    </Dialog>
  );
}
