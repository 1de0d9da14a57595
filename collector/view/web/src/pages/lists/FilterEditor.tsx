import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { filterCheckQuery, filterColumnsQuery, type ListName } from '../../api/requests';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { asTyped, written, type Condition, type Join } from '../../state/filterText';
import { ConditionList } from './ConditionList';
import { FilterFaultNotice } from './FilterFaultNotice';
import { FilterText } from './FilterText';

const PAUSE_MS = 250;
const NOTHING: Condition = { column: '', op: '', value: '' };

export interface FilterEditorProps {
  list: ListName;
  filter: string;
  onApply: (filter: string) => void;
}

/** A filter as a form of conditions, or as a text; both write the same expression, which the collector checks. */
export function FilterEditor({ list, filter, onApply }: FilterEditorProps) {
  const columns = useQuery(filterColumnsQuery(list));
  const begin = useQuery({ ...filterCheckQuery(list, filter), enabled: filter !== '' });
  const error = columns.error ?? begin.error;
  if (error) return <ProblemNotice error={error} retry={() => void columns.refetch()} />;
  if (!columns.data || (filter !== '' && !begin.data)) return <Loading label="filter" height={180} />;
  const outline = filter === '' ? { join: 'and', conditions: [NOTHING] } : begin.data?.outline;
  return (
    <Editor
      list={list}
      columns={columns.data.items}
      begin={outline ? { join: outline.join === 'or' ? 'or' : 'and', conditions: outline.conditions.map(asTyped) } : null}
      filter={filter}
      onApply={onApply}
    />
  );
}

interface EditorProps extends FilterEditorProps {
  columns: Parameters<typeof ConditionList>[0]['columns'];
  /** null: the form cannot hold it. */
  begin: { join: Join; conditions: Condition[] } | null;
}

function Editor({ list, columns, begin, filter, onApply }: EditorProps) {
  const [mode, setMode] = useState(begin ? 'form' : 'text');
  const [join, setJoin] = useState<Join>(begin?.join ?? 'and');
  const [conditions, setConditions] = useState<Condition[]>(begin?.conditions ?? [NOTHING]);
  const [typed, setTyped] = useState(filter);
  const text = (mode === 'form' ? written(conditions, join, columns) : typed).trim();
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const { data: check, error } = useQuery({ ...filterCheckQuery(list, settled), enabled: settled !== '' });
  const fault = text !== '' && settled === text ? (check?.fault ?? null) : null;
  const outline = check && !fault ? check.outline : null;

  const change = (next: string) => {
    if (next === 'text') setTyped(text);
    if (next === 'form') {
      setJoin(outline?.join === 'or' ? 'or' : 'and');
      setConditions(outline ? outline.conditions.map(asTyped) : [NOTHING]);
    }
    setMode(next);
  };
  const isForm = text === '' || (settled === text && outline);
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label="How the filter is written"
        value={mode}
        onChange={change}
        data={[
          { value: 'form', label: 'Conditions', disabled: mode === 'text' && !isForm },
          { value: 'text', label: 'Text' },
        ]}
      />
      {mode === 'form' ? (
        <ConditionList
          columns={columns}
          join={join}
          conditions={conditions}
          onJoin={setJoin}
          onChange={setConditions}
          nothing={NOTHING}
        />
      ) : (
        <FilterText value={typed} columns={columns} onChange={setTyped} />
      )}
      {mode === 'text' && !isForm && !fault && (
        <Text size="xs" c="dimmed">
          The form cannot show brackets, all(…) and count(…): this filter is edited as text.
        </Text>
      )}
      {mode === 'form' && text !== '' && (
        <Text size="xs" component="code" aria-label="The filter as text">
          {text}
        </Text>
      )}
      <FilterFaultNotice text={text} fault={fault} onReplace={mode === 'text' ? setTyped : undefined} />
      {error && <ProblemNotice error={error} />}
      <Group justify="flex-end" gap="xs">
        <Button size="xs" variant="default" disabled={text === '' && filter === ''} onClick={() => onApply('')}>
          Remove filter
        </Button>
        <Button
          size="xs"
          disabled={text === '' || settled !== text || fault !== null || !check}
          onClick={() => onApply(check?.canonical ?? text)}
        >
          Apply filter
        </Button>
      </Group>
    </Stack>
  );
}
