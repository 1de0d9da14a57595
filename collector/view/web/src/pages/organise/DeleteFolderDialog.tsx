import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deleteFolder } from '../../api/requests';
import type { FolderRow } from '../../api/types';
import { counted } from '../../format/words';
import { Dialog } from '../../parts/Dialog';

interface DeleteFolderDialogProps {
  folder: FolderRow;
  onClose: () => void;
  onDeleted: () => void;
}

/** Says where what lies in the folder goes, before it does. */
export function DeleteFolderDialog({ folder, onClose, onDeleted }: DeleteFolderDialogProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteFolder(folder.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['customers', 'folders', folder.customer_id] });
      onDeleted();
      onClose();
    },
  });
  const above = folder.parent_id ? folder.path.slice(0, folder.path.lastIndexOf(' / ')) : null;
  return (
    <Dialog
      title={`Delete folder ${folder.name}?`}
      onClose={onClose}
      action="Delete folder"
      danger
      onAction={() => remove.mutate()}
      pending={remove.isPending}
      error={remove.error}
    >
      <Text size="sm">
        No device is deleted. What lies in it ({counted(folder.devices, 'device')}, and its folders){' '}
        {above ? `goes up into ${above}.` : 'stands in no folder then.'}
      </Text>
    </Dialog>
  );
}
