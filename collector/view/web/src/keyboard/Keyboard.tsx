import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import { useKeys } from './useKeys';

const Palette = lazy(() => import('./Palette'));
const KeysDialog = lazy(async () => ({ default: (await import('./KeysDialog')).KeysDialog }));

/** The keys that work on every page, and what they open. */
export function Keyboard() {
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null);
  const close = () => setShown(null);
  useHotkeys([['mod+K', () => setShown('palette')]], []);
  useKeys({
    '/': () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
    '?': () => setShown('keys'),
  });
  return (
    <Suspense fallback={null}>
      {shown === 'palette' && <Palette onClose={close} onKeys={() => setShown('keys')} />}
      {shown === 'keys' && <KeysDialog onClose={close} />}
    </Suspense>
  );
}
