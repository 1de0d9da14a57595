import { useEffect, useEffectEvent } from 'react';

/** What a key does, by its name (`KeyboardEvent.key`). */
export type Keys = Partial<Record<string, () => void>>;

/** Somebody types, or a dialog is open: then keys belong to it. */
export function isTaken(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  const types = element?.closest('input, textarea, select, [contenteditable="true"]');
  return Boolean(types) || document.querySelector('[role="dialog"]') !== null;
}

/** Keys of a page that are pressed alone, while nothing else wants them. */
export function useKeys(keys: Keys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event.target)) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
