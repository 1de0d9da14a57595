import { expect, it } from 'vitest';
import type { FolderRow } from '../../api/types';
import { mayLieIn } from './dragging';

const folder = (id: string, parent: string | null): FolderRow => ({
  id,
  customer_id: 'c',
  parent_id: parent,
  name: id,
  path: id,
  depth: 1,
  devices: 0,
  devices_below: 0,
  version: 1,
});

const house = folder('house', null);
const floor = folder('floor', 'house');
const room = folder('room', 'floor');
const yard = folder('yard', null);
const all = [house, floor, room, yard];

it('a folder lies in any other that does not lie in it', () => {
  expect(mayLieIn(yard, room, all)).toBe(true);
  expect(mayLieIn(room, null, all)).toBe(true);
  expect(mayLieIn(room, house, all)).toBe(true);
});

it('a folder lies neither in itself nor in one that lies in it', () => {
  expect(mayLieIn(house, house, all)).toBe(false);
  expect(mayLieIn(house, floor, all)).toBe(false);
  expect(mayLieIn(house, room, all)).toBe(false);
});

it('a folder is not moved to where it lies', () => {
  expect(mayLieIn(room, floor, all)).toBe(false);
  expect(mayLieIn(yard, null, all)).toBe(false);
});
