import { ActionIcon, Button, Checkbox, Group, Popover, Stack, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns } from '../parts/icons';
import { LEAST_PX, MOST_PX, moved, type TablePreferences } from './preferences';
import classes from './ColumnMenu.module.css';

interface ColumnMenuProps {
  columns: { id: string; label: string; width: number; permanent?: 'first' | 'last' }[];
  preferences: TablePreferences;
}

/** Which columns a table shows, in which order, and how wide. */
export function ColumnMenu({ columns, preferences }: ColumnMenuProps) {
  const { order, visible, widths, setOrder, setVisible, setWidth, reset } = preferences;
  const resize = (id: string, text: string) => {
    const px = Number(text);
    setWidth(id, text === '' || !Number.isInteger(px) ? undefined : Math.min(MOST_PX, Math.max(LEAST_PX, px)));
  };
  const listed = order.flatMap((id) => columns.filter((column) => column.id === id && !column.permanent));
  return (
    <Popover position="bottom-end" shadow="md" trapFocus withRoles>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<IconColumns size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Choose columns">
        <Stack gap={4} className={classes.list}>
          {listed.map(({ id, label, width }, place) => (
            <Group key={id} gap={4} wrap="nowrap">
              <Checkbox
                size="xs"
                className={classes.name}
                label={label}
                checked={visible[id] === true}
                onChange={(event) => setVisible(id, event.currentTarget.checked)}
              />
              <TextInput
                key={widths[id]}
                size="xs"
                className={classes.width}
                inputMode="numeric"
                aria-label={`Width of ${label} in pixels`}
                placeholder={String(width)}
                defaultValue={widths[id] ?? ''}
                onBlur={(event) => resize(id, event.currentTarget.value.trim())}
              />
              <ActionIcon
                variant="subtle"
                size="sm"
                color="gray"
                aria-label={`Move ${label} to the left`}
                disabled={place === 0}
                onClick={() => setOrder(moved(order, id, -1, columns))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                size="sm"
                color="gray"
                aria-label={`Move ${label} to the right`}
                disabled={place === listed.length - 1}
                onClick={() => setOrder(moved(order, id, 1, columns))}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
        <Button size="xs" variant="subtle" mt="xs" fullWidth onClick={reset}>
          Reset columns and density
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
