import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { IconSearch } from './icons';

/** Results are to be there 150 ms after the last key. */
const PAUSE_MS = 50;

interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

/** Searches as one types, once the typing pauses. */
export function SearchBox({ label, value, onChange, className }: SearchBoxProps) {
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);
  const [typing, setTyping] = useState(false);
  const tell = useDebouncedCallback((text: string) => {
    setTyping(false);
    onChange(text);
  }, PAUSE_MS);

  // The address changed by itself (Back, "Clear filters"): follow it, but never against somebody who types.
  if (value !== shown) {
    setShown(value);
    if (!typing && value !== typed.trim()) setTyped(value);
  }

  const type = (text: string) => {
    setTyped(text);
    setTyping(true);
    tell(text.trim());
  };

  return (
    <TextInput
      className={className}
      type="search"
      size="xs"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={14} />}
      rightSection={
        typed && <CloseButton size="xs" aria-label={`Clear: ${label}`} onClick={() => type('')} />
      }
    />
  );
}
