import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** A menu or a bubble that is made when it is first asked for: a list has many, of which few are. */
export function useAsked() {
  const [isMade, setMade] = useState(false);
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const ask = () => {
    // The button is made anew inside of what it opens, and keeps the focus.
    flushSync(() => setMade(true));
    button.current?.focus();
    setOpened(true);
  };
  return { isMade, opened, setOpened, button, ask };
}
