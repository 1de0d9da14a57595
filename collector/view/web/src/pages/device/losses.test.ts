import { expect, it } from 'vitest';
import type { GapNote } from '../../api/types';
import { heldBackText, lossReason, lostNumbers, lostText } from './losses';

const gap = (part: Partial<GapNote>): GapNote => ({
  lane: 'series',
  first: 5,
  last: 12_344,
  records: 12_340,
  reason: 'too_old',
  ...part,
});

it('says how many of what are lost, and never a number that nobody knows', () => {
  expect(lostText(gap({}))).toBe('12,340 readings');
  expect(lostText(gap({ lane: 'event', records: 1 }))).toBe('1 event');
  expect(lostText(gap({ reason: 'spool_corrupt', records: null }))).toBe('an unknown number of readings');
  expect(lostText(gap({ lane: 'of next year', records: 2 }))).toBe('2 records');
});

it('says which and why, also for a reason it has never heard of', () => {
  expect(lostNumbers(gap({}))).toBe('Numbers 5 to 12,344.');
  expect(lostNumbers(gap({ first: 7, last: 7 }))).toBe('Number 7.');
  expect(lossReason(gap({}))).toMatch(/too old/);
  expect(lossReason(gap({ reason: 'eaten_by_a_dog' }))).toBe('The reason given is “eaten by a dog”.');
});

it('shows no numbers where nobody knows what a damaged file held', () => {
  const damaged = gap({ lane: 'event', first: 1, last: 3000, records: null, reason: 'store_damaged' });
  expect(lostText(damaged)).toBe('an unknown number of events');
  expect(lostNumbers(damaged)).toBe('');
  expect(lossReason(damaged)).toMatch(/collector’s database was damaged/);
});

it('says what is still to come, and nothing where there is nothing', () => {
  expect(heldBackText({ events: 3, readings: 12_340 })).toBe('12,340 readings, 3 events');
  expect(heldBackText({ events: 1, readings: 0 })).toBe('1 event');
  expect(heldBackText({ events: 0, readings: 0 })).toBe('');
});
