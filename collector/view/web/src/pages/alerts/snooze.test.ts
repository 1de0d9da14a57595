import { expect, it } from 'vitest';
import { snoozeChoices, untilOf } from './snooze';

const now = new Date(2026, 10, 23, 17, 30).getTime();

it('ends tomorrow morning by the clock of the technician, whatever the season does to it', () => {
  const until = (at: number) => snoozeChoices(at).find(({ id }) => id === 'morning')?.until ?? 0;
  expect(new Date(until(now)).toString()).toContain('Nov 24 2026 08:00:00');
  const beforeSummer = new Date(2026, 2, 7, 17, 30).getTime();
  expect(new Date(until(beforeSummer)).toString()).toContain('Mar 08 2026 08:00:00');
});

it('offers to wait for a change, which has no time', () => {
  expect(snoozeChoices(now).map(({ until }) => until === null)).toEqual([false, false, false, false, true]);
});

it('takes a typed time that can be waited for, and nothing else', () => {
  expect(untilOf('2026-11-24T09:15', now)).toBe(new Date(2026, 10, 24, 9, 15).getTime());
  for (const typed of ['', 'tomorrow', '2026-11-23T17:30', '2025-01-01T00:00', '2028-01-01T00:00']) {
    expect(untilOf(typed, now)).toBe(null);
  }
});
