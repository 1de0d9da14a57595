import { expect, it } from 'vitest';
import { around, asTyped, quoted, unquoted, written } from './filterText';

const columns = [
  { name: 'name', type: 'text' },
  { name: 'volumes.free_percent', type: 'number' },
  { name: 'last_login', type: 'time' },
  { name: 'type', type: 'word' },
];

it('writes what a form says, with quotes where the language needs them', () => {
  expect(
    written(
      [
        { column: 'name', op: 'contains', value: 'PC 1' },
        { column: 'volumes.free_percent', op: '<', value: '10 %' },
        { column: 'last_login', op: '<', value: '3 days ago' },
        { column: 'type', op: 'in', value: 'PC, Server' },
        { column: 'name', op: 'is unknown', value: 'left over' },
        { column: '', op: 'is', value: 'not chosen yet' },
      ],
      'and',
      columns,
    ),
  ).toBe(
    'name contains "PC 1" and volumes.free_percent < 10 % and last_login < 3 days ago and type in (PC, Server) and name is unknown',
  );
});

it('quotes keywords, quotes and backslashes, and takes the quotes off again', () => {
  for (const text of ['linux', 'a b', 'and', 'a"b', 'C:\\Windows files', '', "it's"]) expect(unquoted(quoted(text))).toBe(text);
  expect(quoted('linux')).toBe('linux');
  expect(quoted('and')).toBe('"and"');
  expect(asTyped({ column: 'name', op: 'is', value: '"a \\"b\\""' }).value).toBe('a "b"');
});

it('keeps the values of a list apart, commas within quotes included', () => {
  const list = { column: 'name', op: 'in', value: '"a, b", c' };
  expect(written([asTyped(list)], 'and', columns)).toBe('name in ("a, b", c)');
});

it('finds the place of a fault by characters', () => {
  expect(around('ä😀 nam is x', 3, 3)).toEqual(['ä😀 ', 'nam', ' is x']);
  expect(around('name', 4, 1)).toEqual(['name', '', '']);
});
