import { ActionIcon, Button, Group, NativeSelect, Select, Stack, TextInput } from '@mantine/core';
import type { FilterColumn } from '../../api/types';
import { IconCross, IconPlus } from '../../parts/icons';
import { isAlone, type Condition, type Join } from '../../state/filterText';
import classes from './lists.module.css';

const UNKNOWN = ['is unknown', 'is not unknown'];
/** Of several hundred columns as many as one looks through; typing finds the rest. */
const OPTIONS = 60;

interface ConditionListProps {
  columns: readonly FilterColumn[];
  join: Join;
  conditions: readonly Condition[];
  onJoin: (join: Join) => void;
  onChange: (conditions: Condition[]) => void;
  nothing: Condition;
}

/** The conditions of a filter, one a line. */
export function ConditionList({ columns, join, conditions, onJoin, onChange, nothing }: ConditionListProps) {
  const put = (place: number, condition: Condition) =>
    onChange(conditions.map((other, at) => (at === place ? condition : other)));
  const remove = (place: number) => {
    const rest = conditions.filter((_, at) => at !== place);
    onChange(rest.length > 0 ? rest : [nothing]);
  };
  return (
    <Stack gap="xs">
      {conditions.length > 1 && (
        <NativeSelect
          size="xs"
          className={classes.join}
          aria-label="How the conditions are joined"
          value={join}
          data={[
            { value: 'and', label: 'All of these hold' },
            { value: 'or', label: 'Any of these holds' },
          ]}
          onChange={(event) => onJoin(event.currentTarget.value === 'or' ? 'or' : 'and')}
        />
      )}
      {conditions.map((condition, place) => (
        <ConditionLine
          key={place}
          number={place + 1}
          columns={columns}
          condition={condition}
          onChange={(next) => put(place, next)}
          onRemove={() => remove(place)}
        />
      ))}
      <Group>
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...conditions, nothing])}
        >
          Add condition
        </Button>
      </Group>
    </Stack>
  );
}

interface ConditionLineProps {
  number: number;
  columns: readonly FilterColumn[];
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function ConditionLine({ number, columns, condition, onChange, onRemove }: ConditionLineProps) {
  const column = columns.find(({ name }) => name === condition.column);
  const choose = (name: string | null) => {
    const next = columns.find((other) => other.name === name);
    if (next) onChange({ column: next.name, op: next.operators[0] ?? 'is', value: next.type === 'boolean' ? 'true' : '' });
  };
  return (
    <div className={classes.condition} role="group" aria-label={`Condition ${number}`}>
      <Select
        size="xs"
        aria-label="Column"
        placeholder="Column"
        searchable
        limit={OPTIONS}
        nothingFoundMessage="No such column"
        data={grouped(columns)}
        value={condition.column || null}
        onChange={choose}
        data-autofocus={number === 1 || undefined}
      />
      <NativeSelect
        size="xs"
        aria-label="Comparison"
        disabled={!column}
        value={condition.op}
        data={[...(column?.operators ?? []), ...UNKNOWN]}
        onChange={(event) => onChange({ ...condition, op: event.currentTarget.value })}
      />
      {!isAlone(condition.op) && <ValueInput column={column} condition={condition} onChange={onChange} />}
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove condition ${number}`} onClick={onRemove}>
        <IconCross size={14} />
      </ActionIcon>
    </div>
  );
}

interface ValueInputProps {
  column: FilterColumn | undefined;
  condition: Condition;
  onChange: (condition: Condition) => void;
}

function ValueInput({ column, condition, onChange }: ValueInputProps) {
  const put = (value: string) => onChange({ ...condition, value });
  const isOne = !condition.op.endsWith('in');
  const words = column?.type === 'boolean' ? ['true', 'false'] : (column?.words ?? []);
  if (words.length > 0 && isOne)
    return (
      <NativeSelect
        size="xs"
        aria-label="Value"
        value={condition.value}
        data={[{ value: '', label: 'Choose …', disabled: true }, ...words]}
        onChange={(event) => put(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      size="xs"
      aria-label="Value"
      placeholder={hint(column, isOne)}
      value={condition.value}
      onChange={(event) => put(event.currentTarget.value)}
    />
  );
}

function hint(column: FilterColumn | undefined, isOne: boolean): string {
  if (!column) return 'Value';
  if (!isOne) return column.words.length > 0 ? column.words.slice(0, 2).join(', ') : 'one, another';
  if (column.type === 'time') return '3 days ago, 2026-11-20';
  const unit = column.units[column.units.length > 3 ? 3 : 0];
  if (column.type === 'number') return unit ? `10 ${unit}` : '10';
  return 'Value';
}

/** The list's own columns first, then those of each probe. */
function grouped(columns: readonly FilterColumn[]) {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const { name, label, group } of columns) {
    const heading = group || 'Of the list';
    const items = groups.get(heading) ?? [];
    items.push({ value: name, label: group ? `${group}: ${label}` : label });
    groups.set(heading, items);
  }
  return [...groups].map(([group, items]) => ({ group, items }));
}
