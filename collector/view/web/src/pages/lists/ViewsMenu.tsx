import { Button, Popover, Stack, UnstyledButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { deleteView, saveView, viewsQuery, type ListName } from '../../api/requests';
import type { SavedView, ViewWish } from '../../api/types';
import { IconChevronDown } from '../../parts/icons';
import { ProblemNotice } from '../../parts/Notice';
import type { TablePreferences } from '../../table/preferences';
import classes from './lists.module.css';

const SaveViewDialog = lazy(async () => ({ default: (await import('./SaveViewDialog')).SaveViewDialog }));

/** Everything of a view but its name: what is on the screen now. */
export interface ViewContent {
  filter: string;
  /** The rest of what is chosen, as the address has it. */
  choices: string;
  sort: string;
}

interface ViewsMenuProps {
  list: ListName;
  view: SavedView | undefined;
  content: ViewContent;
  preferences: TablePreferences;
  onChoose: (view: SavedView | undefined) => void;
}

/** Lists as somebody wants to see them again: one's own views, and those that are shared. */
export function ViewsMenu({ list, view, content, preferences, onChoose }: ViewsMenuProps) {
  const queries = useQueryClient();
  const [opened, setOpened] = useState(false);
  const [saving, setSaving] = useState<'new' | 'change' | null>(null);
  const { data, error } = useQuery({ ...viewsQuery(list), enabled: opened || view !== undefined });
  const refreshed = () => queries.invalidateQueries({ queryKey: ['views', list] });

  const wish = (name: string, shared: boolean, version: number): ViewWish => ({
    list,
    name,
    shared,
    ...content,
    columns: preferences.order
      .filter((id) => preferences.visible[id])
      .map((id) => ({ id, width_px: preferences.widths[id] ?? null })),
    density: preferences.density,
    version,
  });
  const save = useMutation({
    mutationFn: ({ name, shared }: { name: string; shared: boolean }) =>
      saving === 'change' && view
        ? saveView(view.id, wish(name, shared, view.version))
        : saveView(undefined, wish(name, shared, 0)),
    onSuccess: async (saved) => {
      await refreshed();
      setSaving(null);
      onChoose(saved);
    },
    onError: refreshed,
  });
  const remove = useMutation({
    mutationFn: (id: string) => deleteView(id),
    onSuccess: async () => {
      setOpened(false);
      onChoose(undefined);
      await refreshed();
    },
  });
  const choose = (chosen: SavedView | undefined) => {
    setOpened(false);
    onChoose(chosen);
  };
  const ask = (what: 'new' | 'change') => {
    setOpened(false);
    save.reset();
    setSaving(what);
  };

  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus withRoles>
        <Popover.Target>
          <Button
            size="xs"
            variant={view ? 'light' : 'default'}
            rightSection={<IconChevronDown size={13} />}
            aria-label={view ? `View: ${view.name}` : 'Views'}
            onClick={() => setOpened(!opened)}
          >
            {view ? view.name : 'Views'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Saved views">
          <div className={classes.views}>
            <ViewItem name="As it comes" note="" current={view === undefined} onClick={() => choose(undefined)} />
            {data?.items.map((one) => (
              <ViewItem
                key={one.id}
                name={one.name}
                note={one.mine ? (one.shared ? 'shared' : '') : `by ${one.owner}`}
                current={one.id === view?.id}
                onClick={() => choose(one)}
              />
            ))}
          </div>
          {error && <ProblemNotice error={error} />}
          {remove.error && <ProblemNotice error={remove.error} />}
          <Stack gap={4} mt="xs">
            <Button size="xs" variant="default" onClick={() => ask('new')}>
              Save as a new view
            </Button>
            {view?.mine && (
              <>
                <Button size="xs" variant="default" onClick={() => ask('change')}>
                  Change “{view.name}”
                </Button>
                <Button
                  size="xs"
                  variant="subtle"
                  color="red"
                  loading={remove.isPending}
                  onClick={() => remove.mutate(view.id)}
                >
                  Delete “{view.name}”
                </Button>
              </>
            )}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {saving && (
        <Suspense fallback={null}>
          <SaveViewDialog
            name={saving === 'change' ? (view?.name ?? '') : ''}
            shared={saving === 'change' && view?.shared === true}
            isNew={saving === 'new'}
            pending={save.isPending}
            error={save.error}
            onSave={(name, shared) => save.mutate({ name, shared })}
            onClose={() => setSaving(null)}
          />
        </Suspense>
      )}
    </>
  );
}

interface ViewItemProps {
  name: string;
  note: string;
  current: boolean;
  onClick: () => void;
}

function ViewItem({ name, note, current, onClick }: ViewItemProps) {
  return (
    <UnstyledButton className={classes.view} aria-current={current || undefined} onClick={onClick}>
      <span>{name}</span>
      <span>{note}</span>
    </UnstyledButton>
  );
}
