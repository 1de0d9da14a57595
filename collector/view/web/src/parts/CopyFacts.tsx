import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { RefObject } from 'react';
import { IconCheck, IconCopy } from './icons';

interface CopyFactsProps {
  /** What they are about, for the button's name. */
  name: string;
  list: RefObject<HTMLDListElement | null>;
}

/** Copies a list of facts as text, one in a line, each with the "as of" that its tip shows. */
export function CopyFacts({ name, list }: CopyFactsProps) {
  const clipboard = useClipboard({ timeout: 3000 });
  const label = clipboard.copied ? 'Copied' : `Copy: ${name}`;
  return (
    <ActionIcon
      variant="subtle"
      size="sm"
      color="gray"
      aria-label={label}
      data-tip={clipboard.error ? 'The browser did not allow it: select the text and copy it by hand.' : label}
      onClick={() => list.current && clipboard.copy(factsText(list.current))}
    >
      {clipboard.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
    </ActionIcon>
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function factsText(list: HTMLDListElement): string {
  return [...list.children]
    .map((fact) => {
      const value = fact.querySelector('dd');
      const tips = [...(value?.querySelectorAll<HTMLElement>('[data-tip]') ?? [])].map(({ dataset }) => dataset['tip'] ?? '');
      const asOf = tips.flatMap((tip) => /^As of .*$/m.exec(tip) ?? []).at(0);
      const line = `${fact.querySelector('dt')?.textContent ?? ''}: ${oneLine(value?.innerText ?? '')}`;
      return asOf ? `${line} (${asOf.replace('As of', 'as of')})` : line;
    })
    .join('\n');
}
