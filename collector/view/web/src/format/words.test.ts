import { expect, it } from 'vitest';
import { capitalised, counted, reasonText } from './words';

it('says why a value is unknown, also for a reason it has never heard of', () => {
  expect(reasonText('permission_denied')).toBe('permission denied on the device');
  expect(reasonText('moon_in_the_way')).toBe('moon in the way');
  expect(reasonText('')).toBe('no reason given');
});

it('counts one, many and thousands', () => {
  expect(counted(1, 'device')).toBe('1 device');
  expect(counted(0, 'device')).toBe('0 devices');
  expect(counted(100_000, 'device')).toBe('100,000 devices');
  expect(counted(2, 'patch', 'patches')).toBe('2 patches');
});

it('capitalises the first letter only', () => {
  expect(capitalised('online')).toBe('Online');
  expect(capitalised('')).toBe('');
});
