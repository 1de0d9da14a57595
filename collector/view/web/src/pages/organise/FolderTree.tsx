import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type DragEvent, type ReactNode } from 'react';
import { foldersQuery } from '../../api/requests';
import type { FolderRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { integer } from '../../format/units';
import { IconFolder, IconMore, IconPlus } from '../../parts/icons';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { beginDrag, isOurs, mayLieIn, type DeviceDrag } from './dragging';
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
  /** What is dragged; null: nothing. */
  drag: TreeDrag | null;
  /** A folder is dragged, or no longer. */
  onDrag: (folder: FolderRow | null) => void;
  /** What is dragged was dropped there; null: in no folder, or at the top. */
  onDrop: (place: FolderRow | null) => void;
}

/** What may be dropped on a folder. */
export type TreeDrag = { what: 'folder'; folder: FolderRow } | { what: 'devices'; drag: DeviceDrag };

/** A customer's folders: choosing one shows its devices, and those of the folders in it. */
export function FolderTree(props: FolderTreeProps) {
  const { customer, chosen, onChoose, onSelectDevices, onAsk, drag, onDrag, onDrop } = props;
  const { data, error, refetch } = useQuery(foldersQuery(customer));
  const mayChange = useMay('devices.write');
  /** What a drop there would do, if anything. */
  const dropOn = (place: FolderRow | null) => {
    if (!drag || !data) return undefined;
    const moves =
      drag.what === 'folder'
        ? mayLieIn(drag.folder, place, data.items)
        : drag.drag.devices.some(({ folder_id: before }) => before !== (place?.id ?? null));
    return moves ? () => onDrop(place) : undefined;
  };
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
          <Choice
            label="All devices"
            current={chosen === ''}
            onChoose={() => onChoose('')}
            onDrop={drag?.what === 'folder' ? dropOn(null) : undefined}
          />
          {data.items.map((folder) => (
            <Choice
              key={folder.id}
              label={folder.name}
              depth={folder.depth}
              count={folder.devices_below}
              current={chosen === folder.id}
              onChoose={() => onChoose(folder.id)}
              onDrag={mayChange ? (on) => onDrag(on ? folder : null) : undefined}
              onDrop={dropOn(folder)}
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
              onDrop={drag?.what === 'devices' ? dropOn(null) : undefined}
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
  /** It is dragged, or no longer; absent: it cannot be. */
  onDrag?: ((on: boolean) => void) | undefined;
  /** Absent: what is dragged cannot be dropped on it. */
  onDrop?: (() => void) | undefined;
  children?: ReactNode;
}

function Choice({ label, depth = 1, count, current, onChoose, onDrag, onDrop, children }: ChoiceProps) {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent) => {
    if (!onDrop || !isOurs(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    setOver(true);
  };
  const leave = (event: DragEvent<HTMLElement>) => {
    const { relatedTarget: next } = event;
    if (!(next instanceof Node && event.currentTarget.contains(next))) setOver(false);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (isOurs(event)) onDrop?.();
  };
  return (
    <li
      data-depth={depth}
      data-target={onDrop ? (isOver ? 'over' : 'open') : undefined}
      className={classes.choice}
      onDragOver={over}
      onDragLeave={leave}
      onDrop={drop}
    >
      <button
        type="button"
        aria-current={current || undefined}
        onClick={onChoose}
        title={label}
        draggable={onDrag !== undefined || undefined}
        onDragStart={(event) => {
          beginDrag(event, label);
          onDrag?.(true);
        }}
        onDragEnd={() => onDrag?.(false)}
      >
        <IconFolder size={14} />
        <span>{label}</span>
        {count !== undefined && <small>{integer(count)}</small>}
      </button>
      {children}
    </li>
  );
}
