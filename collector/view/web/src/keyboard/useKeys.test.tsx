import { fireEvent, render } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { useKeys } from './useKeys';

function Page({ onJ, dialog = false }: { onJ: () => void; dialog?: boolean }) {
  useKeys({ j: onJ });
  return (
    <>
      <input aria-label="search" />
      {dialog && <div role="dialog" />}
    </>
  );
}

it('does what a key says, but not while somebody types, holds Ctrl, or a dialog is open', () => {
  const onJ = vi.fn();
  const { getByLabelText, rerender, unmount } = render(<Page onJ={onJ} />);
  fireEvent.keyDown(document.body, { key: 'j' });
  expect(onJ).toHaveBeenCalledTimes(1);
  fireEvent.keyDown(getByLabelText('search'), { key: 'j' });
  fireEvent.keyDown(document.body, { key: 'j', ctrlKey: true });
  fireEvent.keyDown(document.body, { key: 'k' });
  rerender(<Page onJ={onJ} dialog />);
  fireEvent.keyDown(document.body, { key: 'j' });
  expect(onJ).toHaveBeenCalledTimes(1);
  unmount();
  fireEvent.keyDown(document.body, { key: 'j' });
  expect(onJ).toHaveBeenCalledTimes(1);
});
