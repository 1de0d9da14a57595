import { expect, test } from 'vitest';
import type { FolderName } from '../../api/types';
import { folderLabel, folderOptions, limitWords, wishOf } from './limits';

const folder = (id: string): FolderName => ({ id, customer_id: 'c', customer_name: 'Acme', path: `House / ${id}` });

test('a folder is named after its customer and the folders that it lies in', () => {
  expect(folderLabel(folder('Desk'))).toBe('Acme / House / Desk');
});

test('who sees all has no limits in the request, whatever was chosen before', () => {
  const chosen = { customers: ['c'], folders: [folder('f')] };
  expect(wishOf({ all: true, ...chosen })).toEqual({ all_customers: true, customers: [], folders: [] });
  expect(wishOf({ all: false, ...chosen })).toEqual({ all_customers: false, customers: ['c'], folders: ['f'] });
});

test('chosen folders come first, and none twice', () => {
  const ids = folderOptions([folder('b')], [folder('a'), folder('b')]).map(({ id }) => id);
  expect(ids).toEqual(['b', 'a']);
});

test('limits in words', () => {
  const none = { all_customers: false, customers: [], folders: [] };
  expect(limitWords({ ...none, all_customers: true }, 'all')).toBe('all');
  expect(limitWords(none, 'all')).toBe('nothing');
  expect(limitWords({ ...none, customers: ['a'] }, 'all')).toBe('1 customer');
  expect(limitWords({ ...none, folders: [folder('f')] }, 'all')).toBe('1 folder');
  expect(limitWords({ ...none, customers: ['a', 'b'], folders: [folder('f')] }, 'all')).toBe('2 customers, 1 folder');
});
