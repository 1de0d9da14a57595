import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { foldersQuery } from '../../api/requests';
import type { FolderRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { integer } from '../../format/units';
import { IconFolder, IconMore, IconPlus } from '../../parts/icons';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import classes from './organise.module.css';

/** In the address: devices that lie in no folder. */
export const NO_FOLDER = 'none';

/** What is asked about before a folder is made, changed or deleted. */
export type FolderQuestion = { what: 'add'; parent: string | null } | { what: 'edit' | 'delete'; folder: FolderRow };

interface FolderTreeProps {
  customer: string;
  /** Id of the folder whose devices are shown; NO_FOLDER; '' = all. */
  chosen: string;
  onChoose: (folder: string) => void;
  /** All devices in the folder are selected, to be acted on. */
  onSelectDevices: (folder: string) => void;
  onAsk: (question: FolderQuestion) => void;
}

/** A customer's folders: choosing one shows its devices, and those of the folders in it. */
export function FolderTree({ customer, chosen, onChoose, onSelectDevices, onAsk }: FolderTreeProps) {
  const { data, error, refetch } = useQuery(foldersQuery(customer));
  const mayChange = useMay('devices.write');
  return (
    <nav aria-label="Folders" className={classes.tree}>
      <div className={classes.treeHead}>
        <h2>Folders</h2>
        {mayChange && (
          <ActionIcon
            variant="subtle"
            size="sm"
            color="gray"
            aria-label="Add folder"
            data-tip="Add folder"
            onClick={() => onAsk({ what: 'add', parent: null })}
          >
            <IconPlus size={15} />
          </ActionIcon>
        )}
      </div>
      {error && !data && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="folders" height={90} />}
      {data && (
        <ul>
          <Choice label="All devices" current={chosen === ''} onChoose={() => onChoose('')} />
          {data.items.map((folder) => (
            <Choice
              key={folder.id}
              label={folder.name}
              depth={folder.depth}
              count={folder.devices_below}
              current={chosen === folder.id}
              onChoose={() => onChoose(folder.id)}
            >
              {mayChange && (
                <Menu position="bottom-end" shadow="md" width={210}>
                  <Menu.Target>
                    <ActionIcon variant="subtle" size="sm" color="gray" aria-label={`Actions for folder ${folder.name}`}>
                      <IconMore size={15} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => onSelectDevices(folder.id)}>Select its devices</Menu.Item>
                    <Menu.Item onClick={() => onAsk({ what: 'add', parent: folder.id })}>Add folder in it…</Menu.Item>
                    <Menu.Item onClick={() => onAsk({ what: 'edit', folder })}>Rename or move…</Menu.Item>
                    <Menu.Item color="red" onClick={() => onAsk({ what: 'delete', folder })}>
                      Delete…
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )}
            </Choice>
          ))}
          {data.items.length > 0 && (
            <Choice
              label="In no folder"
              count={data.without_folder}
              current={chosen === NO_FOLDER}
              onChoose={() => onChoose(NO_FOLDER)}
            />
          )}
        </ul>
      )}
      {data?.items.length === 0 && (
        <p className={classes.hint}>
          Folders group the devices of a customer: by site, by floor, by use.{' '}
          {mayChange && (
            <Button size="compact-xs" variant="subtle" onClick={() => onAsk({ what: 'add', parent: null })}>
              Add the first one
            </Button>
          )}
        </p>
      )}
    </nav>
  );
}

interface ChoiceProps {
  label: string;
  depth?: number;
  count?: number;
  current: boolean;
  onChoose: () => void;
  children?: ReactNode;
}

function Choice({ label, depth = 1, count, current, onChoose, children }: ChoiceProps) {
  return (
    <li data-depth={depth} className={classes.choice}>
      <button type="button" aria-current={current || undefined} onClick={onChoose} title={label}>
        <IconFolder size={14} />
        <span>{label}</span>
        {count !== undefined && <small>{integer(count)}</small>}
      </button>
      {children}
    </li>
  );
}
