import { ActionIcon, Button, Checkbox, Group, Popover, Stack } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns } from '../parts/icons';
import { moved, type TablePreferences } from './preferences';
import classes from './ColumnMenu.module.css';

interface ColumnMenuProps {
  columns: { id: string; label: string; permanent?: boolean }[];
  preferences: TablePreferences;
}

/** Which columns a table shows, and in which order. */
export function ColumnMenu({ columns, preferences }: ColumnMenuProps) {
  const { order, visible, setOrder, setVisible, reset } = preferences;
  const fixed = columns.filter((column) => column.permanent).length;
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
          {listed.map(({ id, label }, place) => (
            <Group key={id} gap={4} wrap="nowrap">
              <Checkbox
                size="xs"
                className={classes.name}
                label={label}
                checked={visible[id] === true}
                onChange={(event) => setVisible(id, event.currentTarget.checked)}
              />
              <ActionIcon
                variant="subtle"
                size="sm"
                color="gray"
                aria-label={`Move ${label} to the left`}
                disabled={place === 0}
                onClick={() => setOrder(moved(order, id, -1, fixed))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                size="sm"
                color="gray"
                aria-label={`Move ${label} to the right`}
                disabled={place === listed.length - 1}
                onClick={() => setOrder(moved(order, id, 1, fixed))}
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
