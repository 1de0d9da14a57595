import { expect, it } from 'vitest';
import { cellText } from './cells';

const column = (type: string, unit = 'none') => ({ name: 'x', label: 'X', type, unit, meaning: '' });

it('writes a value by its column’s type and unit', () => {
  expect(cellText(4096, column('integer', 'bytes'))).toBe('4 KiB');
  expect(cellText(false, column('boolean'))).toBe('No');
  expect(cellText(0, column('integer', 'count'))).toBe('0');
  expect(cellText('', column('text'))).toBe('');
  expect(cellText(Date.UTC(2026, 10, 22, 19, 4, 5), column('time_ms'))).toBe('11/22/2026 02:04:05 PM');
});

it('never shows an unknown as a value', () => {
  expect(cellText({ unknown: 'permission_denied' }, column('integer'))).toBeNull();
  expect(cellText(null, column('boolean'))).toBeNull();
  expect(cellText(undefined, column('text'))).toBeNull();
});
