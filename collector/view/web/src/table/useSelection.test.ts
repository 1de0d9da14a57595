import { act, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { useSelection } from './useSelection';

interface Line {
  id: string;
  version: number;
}

const key = ({ id }: Line) => id;
const setUp = () =>
  renderHook(({ scope }: { scope: string }) => useSelection<Line>(scope, key), { initialProps: { scope: 'a' } });

it('keeps what is selected, and what of it was read again', () => {
  const { result } = setUp();
  act(() => result.current.set([{ id: '1', version: 1 }, { id: '2', version: 1 }], true));
  act(() => result.current.refresh([{ id: '2', version: 2 }, { id: '3', version: 1 }]));
  expect(result.current.rows).toEqual([
    { id: '1', version: 1 },
    { id: '2', version: 2 },
  ]);
  expect(result.current.has('3')).toBe(false);
  act(() => result.current.set([{ id: '1', version: 1 }], false));
  expect(result.current.rows.map(key)).toEqual(['2']);
  act(() => result.current.clear());
  expect(result.current.rows).toEqual([]);
});

it('takes nothing along to another list', () => {
  const { result, rerender } = setUp();
  act(() => result.current.set([{ id: '1', version: 1 }], true));
  rerender({ scope: 'b' });
  expect(result.current.rows).toEqual([]);
  act(() => result.current.refresh([{ id: '1', version: 2 }]));
  expect(result.current.has('1')).toBe(false);
  act(() => result.current.set([{ id: '2', version: 1 }], true));
  expect(result.current.rows.map(key)).toEqual(['2']);
});
