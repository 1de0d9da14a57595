import { describe, expect, it } from 'vitest';
import { hasPages, noPlaces, offsetsOf, withPages } from './pages';

it('asks for the pages that cover the window and no others', () => {
  expect(offsetsOf({ first: 0, last: 30 })).toEqual([0]);
  expect(offsetsOf({ first: 45, last: 130 })).toEqual([0, 50, 100]);
  expect(offsetsOf({ first: 99_970, last: 99_999 })).toEqual([99_950]);
});

it('asks for the first page where nothing is known yet', () => {
  expect(offsetsOf({ first: 0, last: -1 })).toEqual([0]);
});

describe('the rows by their place', () => {
  const key = (row: { id: string }) => row.id;
  const none = noPlaces<{ id: string }>();
  const page = (...ids: string[]) => ids.map((id) => ({ id }));

  it('keep their key where others come in before them', () => {
    const before = withPages(none, new Map([[0, page('a', 'b')]]), key);
    const after = withPages(before, new Map([[0, page('new', 'a', 'b')]]), key);
    expect([...after.keys]).toEqual([
      [0, 'new'],
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('have each row once, as the page that was read last has it', () => {
    const before = withPages(none, new Map([[100, page('x', 'y')]]), key);
    const after = withPages(before, new Map([[0, page('a', 'x')]]), key);
    expect([...after.keys].sort()).toEqual([
      [0, 'a'],
      [1, 'x'],
      [101, 'y'],
    ]);
    expect(after.rows.has(100)).toBe(false);
  });

  it('know whether a page is news, and forget those that were read long ago', () => {
    const rows = page('a');
    const places = withPages(none, new Map([[0, rows]]), key);
    expect(hasPages(places, new Map([[0, rows]]))).toBe(true);
    expect(hasPages(places, new Map([[0, page('a')]]))).toBe(false);
    let many = places;
    for (let offset = 50; offset <= 3000; offset += 50) {
      many = withPages(many, new Map([[offset, page(String(offset))]]), key);
    }
    expect(many.rows.get(3000)).toEqual({ id: '3000' });
    expect(many.rows.has(0)).toBe(false);
  });
});
