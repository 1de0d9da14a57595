import { Button, CloseButton, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { foldersQuery } from '../../api/requests';
import type { FolderRow } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import { IconFolder } from '../../parts/icons';
import { DeleteFolderDialog } from './DeleteFolderDialog';
import type { DeviceDrag } from './dragging';
import { FolderDialog } from './FolderDialog';
import { FolderTree, NO_FOLDER, type FolderQuestion, type TreeDrag } from './FolderTree';
import { moveFolder, moveToFolder, type Moved } from './moves';
import classes from './organise.module.css';
import { Outcome } from './Outcome';
import { readDevicesAgain } from './readAgain';

interface FolderSideProps {
  customer: string;
  chosen: string;
  onChoose: (folder: string) => void;
  onSelectDevices: (folder: string) => void;
  /** Devices of the table that are dragged. */
  drag: DeviceDrag | null;
}

/** Where there is no room for a tree beside the table. As in organise.module.css. */
const NARROW = '(max-width: 900px)';

/** The tree of folders: beside the table, or behind a button where the window is narrow. */
export function FolderSide(props: FolderSideProps) {
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const { customer, chosen, onChoose } = props;
  const { data } = useQuery(foldersQuery(customer));
  // Asked here, so that a window that becomes narrow loses no question.
  const [question, setQuestion] = useState<FolderQuestion | null>(null);
  const close = () => setQuestion(null);
  const [folder, setFolder] = useState<FolderRow | null>(null);
  const devices: TreeDrag | null = props.drag && { what: 'devices', drag: props.drag };
  const drag: TreeDrag | null = folder ? { what: 'folder', folder } : devices;
  const { moved, move } = useMoves(customer, drag);
  const name =
    chosen === ''
      ? 'All devices'
      : chosen === NO_FOLDER
        ? 'In no folder'
        : (data?.items.find(({ id }) => id === chosen)?.path ?? 'A folder');
  const andClose = (act: (folder: string) => void) => (folder: string) => {
    act(folder);
    setOpened(false);
  };
  return (
    <>
      {narrow ? (
        <>
          <Button
            size="xs"
            variant="default"
            className={classes.sideButton}
            leftSection={<IconFolder size={14} />}
            onClick={() => setOpened(true)}
          >
            Folder: {name}
          </Button>
          <Drawer
            opened={opened}
            onClose={() => setOpened(false)}
            title="Folders of this customer"
            size={300}
            closeButtonProps={{ 'aria-label': 'Close' }}
            attributes={{ header: { role: 'none' } }}
          >
            <FolderTree
              {...props}
              onChoose={andClose(onChoose)}
              onSelectDevices={andClose(props.onSelectDevices)}
              onAsk={setQuestion}
              drag={drag}
              onDrag={setFolder}
              onDrop={move}
            />
            {moved}
          </Drawer>
        </>
      ) : (
        <aside className={classes.side} aria-label="Folders of this customer">
          <FolderTree {...props} onAsk={setQuestion} drag={drag} onDrag={setFolder} onDrop={move} />
          {moved}
        </aside>
      )}
      {question?.what === 'add' && <FolderDialog customer={customer} parent={question.parent} onClose={close} />}
      {question?.what === 'edit' && <FolderDialog customer={customer} folder={question.folder} onClose={close} />}
      {question?.what === 'delete' && (
        <DeleteFolderDialog
          folder={question.folder}
          onClose={close}
          onDeleted={() => chosen === question.folder.id && onChoose('')}
        />
      )}
    </>
  );
}

interface Wish {
  names: ReadonlyMap<string, { name?: string | undefined }>;
  act: () => Promise<Moved>;
  onMoved?: () => void;
}

/** Moves what was dropped, says so, and takes it back. */
function useMoves(customer: string, drag: TreeDrag | null) {
  const queries = useQueryClient();
  const work = useMutation({
    mutationFn: ({ act }: Wish) => act(),
    onSuccess: async (_, { onMoved }) => {
      await readDevicesAgain(queries);
      onMoved?.();
    },
  });
  const move = (place: FolderRow | null) => {
    if (drag?.what === 'folder') work.mutate({ names: new Map(), act: () => moveFolder(drag.folder, place) });
    if (drag?.what !== 'devices') return;
    const { devices, onMoved } = drag.drag;
    const names = new Map(devices.map((device) => [device.id, device]));
    work.mutate({ names, act: () => moveToFolder(devices, customer, place), onMoved });
  };
  const { data, error, variables, reset } = work;
  const { told, answer, undo } = data ?? {};
  const names = variables?.names ?? new Map();
  const isRefused = answer?.items.some(({ done }) => !done) === true;
  const moved = (
    <>
      <div role="status" className={classes.moved}>
        {work.isPending && 'Moving…'}
        {told && !isRefused && (
          <>
            <span>{told}</span>
            {undo && (
              <Button size="compact-xs" variant="subtle" onClick={() => work.mutate({ names, act: undo })}>
                Undo
              </Button>
            )}
            <CloseButton size="xs" aria-label="Dismiss" onClick={reset} />
          </>
        )}
      </div>
      {error && (
        <Dialog title="It was not moved" onClose={reset} action="Close" onAction={reset} error={error}>
          {null}
        </Dialog>
      )}
      {answer && isRefused && (
        <Dialog title="Not all devices were moved" onClose={reset} action="Close" onAction={reset}>
          <Outcome answer={answer} names={names} />
        </Dialog>
      )}
    </>
  );
  return { moved, move };
}
