import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { capitalised } from '../format/words';
import { IconChevronDown } from './icons';

interface FilterMenuProps<Word extends string> {
  label: string;
  options: readonly Word[];
  chosen: readonly Word[];
  onChange: (chosen: Word[]) => void;
  /** What a person calls a word. */
  nameOf?: (word: Word) => string;
}

/** A filter by a few words: the button says what is chosen. */
export function FilterMenu<Word extends string>({
  label,
  options,
  chosen,
  onChange,
  nameOf = capitalised,
}: FilterMenuProps<Word>) {
  const names = chosen.map(nameOf).join(', ');
  return (
    <Popover position="bottom-start" shadow="md" trapFocus withRoles>
      <Popover.Target>
        <Button
          size="xs"
          variant={chosen.length > 0 ? 'light' : 'default'}
          rightSection={<IconChevronDown size={13} />}
          aria-label={names ? `${label}: ${names}` : label}
        >
          {chosen.length > 2 ? `${label}: ${chosen.length}` : names ? `${label}: ${names}` : label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={`Filter by ${label.toLowerCase()}`}>
        <Checkbox.Group
          value={[...chosen]}
          onChange={(words) => onChange(options.filter((option) => words.includes(option)))}
          aria-label={label}
        >
          <Stack gap={10}>
            {options.map((option) => (
              <Checkbox key={option} size="xs" value={option} label={nameOf(option)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}
