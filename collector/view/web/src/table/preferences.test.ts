import { act, renderHook } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { csvColumns } from './columns';
import { completeOrder, goneColumns, moved, usePreferences, visibility, type ViewPreferences } from './preferences';

const columns: { id: string; permanent?: 'first' | 'last'; hidden?: boolean }[] = [
  { id: 'name', permanent: 'first' },
  { id: 'type' },
  { id: 'alerts' },
  { id: 'agent', hidden: true },
  { id: 'actions', permanent: 'last' },
];

beforeEach(() => localStorage.clear());

it('keeps a chosen order, drops columns that are gone and appends new ones', () => {
  expect(completeOrder(columns, ['alerts', 'gone', 'type'])).toEqual([
    'name',
    'alerts',
    'type',
    'agent',
    'actions',
  ]);
  expect(completeOrder(columns, ['actions', 'type']).at(-1)).toBe('actions');
});

it('never hides a permanent column', () => {
  expect(visibility(columns, { name: false, type: false, agent: true, actions: false })).toEqual({
    name: true,
    type: false,
    alerts: true,
    agent: true,
    actions: true,
  });
});

it('moves a column by one place, but not over a permanent one or the end', () => {
  const order = ['name', 'type', 'alerts', 'actions'];
  expect(moved(order, 'alerts', -1, columns)).toEqual(['name', 'alerts', 'type', 'actions']);
  expect(moved(order, 'type', -1, columns)).toEqual(order);
  expect(moved(order, 'alerts', 1, columns)).toEqual(order);
  expect(moved(order, 'name', 1, columns)).toEqual(order);
  expect(moved(order, 'actions', -1, columns)).toEqual(order);
  expect(moved(['name', 'type', 'alerts'], 'alerts', 1, columns)).toEqual(['name', 'type', 'alerts']);
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

it('begins with what a view says, keeps what is changed there, and leaves the own columns alone', () => {
  const view: ViewPreferences = {
    key: 'v@1',
    density: 'compact',
    columns: [{ id: 'agent', width_px: 90 }, { id: 'gone' }, { id: 'name' }],
  };
  const { result, rerender } = renderHook(({ view }) => usePreferences('test', columns, view), {
    initialProps: { view: undefined as ViewPreferences | undefined },
  });
  act(() => result.current.setVisible('type', false));
  rerender({ view });
  expect(result.current.density).toBe('compact');
  expect(result.current.visible).toEqual({ name: true, type: false, alerts: false, agent: true, actions: true });
  expect(result.current.order.slice(0, 2)).toEqual(['name', 'agent']);
  expect(result.current.widths).toEqual({ agent: 90 });
  expect(goneColumns(columns, view)).toEqual(['gone']);
  act(() => result.current.setWidth('agent', 120));
  expect(result.current.widths).toEqual({ agent: 120 });
  act(() => result.current.setWidth('agent', undefined));
  expect(result.current.widths).toEqual({});
  act(() => result.current.reset());
  expect(result.current.widths).toEqual({ agent: 90 });
  rerender({ view: undefined });
  expect(result.current.visible).toMatchObject({ type: false, alerts: true });
});

it('names for CSV what stands in the columns that are shown', () => {
  const all = [{ id: 'name' }, { id: 'memory', csv: ['memory', 'memory_bytes'] }, { id: 'actions', csv: [] }];
  expect(csvColumns(all, ['memory', 'actions', 'name'])).toEqual(['memory', 'memory_bytes', 'name']);
});
