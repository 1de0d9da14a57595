import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { foldersQuery } from '../../api/requests';
import { IconFolder } from '../../parts/icons';
import { FolderTree, NO_FOLDER } from './FolderTree';
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
  const { data } = useQuery(foldersQuery(props.customer));
  if (!narrow) {
    return (
      <aside className={classes.side} aria-label="Folders of this customer">
        <FolderTree {...props} />
      </aside>
    );
  }
  const name =
    props.chosen === ''
      ? 'All devices'
      : props.chosen === NO_FOLDER
        ? 'In no folder'
        : (data?.items.find(({ id }) => id === props.chosen)?.path ?? 'A folder');
  const andClose = (act: (folder: string) => void) => (folder: string) => {
    act(folder);
    setOpened(false);
  };
  return (
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
          onChoose={andClose(props.onChoose)}
          onSelectDevices={andClose(props.onSelectDevices)}
        />
      </Drawer>
    </>
  );
}
