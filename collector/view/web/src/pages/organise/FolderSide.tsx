import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { foldersQuery } from '../../api/requests';
import { IconFolder } from '../../parts/icons';
import { DeleteFolderDialog } from './DeleteFolderDialog';
import { FolderDialog } from './FolderDialog';
import { FolderTree, NO_FOLDER, type FolderQuestion } from './FolderTree';
import classes from './organise.module.css';

interface FolderSideProps {
  customer: string;
  chosen: string;
  onChoose: (folder: string) => void;
  onSelectDevices: (folder: string) => void;
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
            />
          </Drawer>
        </>
      ) : (
        <aside className={classes.side} aria-label="Folders of this customer">
          <FolderTree {...props} onAsk={setQuestion} />
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
