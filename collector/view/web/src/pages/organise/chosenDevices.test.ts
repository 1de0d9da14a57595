import { expect, it } from 'vitest';
import { areRetired } from './chosenDevices';

it('knows from the filter alone whether all, none or some of what it finds is retired', () => {
  expect(areRetired([])).toBe(false);
  expect(areRetired(['online', 'offline'])).toBe(false);
  expect(areRetired(['retired'])).toBe(true);
  expect(areRetired(['offline', 'retired'])).toBeUndefined();
});
