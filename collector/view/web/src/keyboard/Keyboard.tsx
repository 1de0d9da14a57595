import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import { KeysDialog } from './KeysDialog';
import { useKeys } from './useKeys';

const Palette = lazy(() => import('./Palette'));

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
    <>
      {shown === 'palette' && (
        <Suspense fallback={null}>
          <Palette onClose={close} onKeys={() => setShown('keys')} />
        </Suspense>
      )}
      <KeysDialog opened={shown === 'keys'} onClose={close} />
    </>
  );
}
