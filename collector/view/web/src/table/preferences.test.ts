import { act, renderHook } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { completeOrder, moved, usePreferences, visibility } from './preferences';

const columns = [{ id: 'name', permanent: true }, { id: 'type' }, { id: 'alerts' }, { id: 'agent', hidden: true }];

beforeEach(() => localStorage.clear());

it('keeps a chosen order, drops columns that are gone and appends new ones', () => {
  expect(completeOrder(columns, ['alerts', 'gone', 'type'])).toEqual(['name', 'alerts', 'type', 'agent']);
});

it('never hides a permanent column', () => {
  expect(visibility(columns, { name: false, type: false, agent: true })).toEqual({
    name: true,
    type: false,
    alerts: true,
    agent: true,
  });
});

it('moves a column by one place, but not over a permanent one or the end', () => {
  const order = ['name', 'type', 'alerts'];
  expect(moved(order, 'alerts', -1, 1)).toEqual(['name', 'alerts', 'type']);
  expect(moved(order, 'type', -1, 1)).toEqual(order);
  expect(moved(order, 'alerts', 1, 1)).toEqual(order);
  expect(moved(order, 'name', 1, 1)).toEqual(order);
});

it('remembers density and columns, and forgets them on reset', () => {
  const { result } = renderHook(() => usePreferences('test', columns));
  act(() => result.current.setDensity('compact'));
  act(() => result.current.setVisible('agent', true));
  expect(result.current.density).toBe('compact');
  expect(result.current.visible['agent']).toBe(true);
  act(() => result.current.reset());
  expect(result.current.density).toBe('detailed');
  expect(result.current.visible['agent']).toBe(false);
});
