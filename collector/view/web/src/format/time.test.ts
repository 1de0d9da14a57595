import { describe, expect, it } from 'vitest';
import { clockTime, duration, elapsed, stamp } from './time';

describe('stamp', () => {
  it('writes MM/DD/YYYY HH:MM:SS AM/PM in the browser’s zone', () => {
    expect(stamp(Date.UTC(2026, 10, 22, 19, 4, 5))).toBe('11/22/2026 02:04:05 PM');
  });
  it('calls midnight 12 AM and noon 12 PM', () => {
    expect(clockTime(Date.UTC(2026, 10, 22, 5, 0, 0))).toBe('12:00:00 AM');
    expect(clockTime(Date.UTC(2026, 10, 22, 17, 0, 0))).toBe('12:00:00 PM');
  });
  it('pads single digits', () => {
    expect(stamp(Date.UTC(2026, 0, 2, 6, 7, 8))).toBe('01/02/2026 01:07:08 AM');
  });
});

describe('duration', () => {
  it('shows the two largest units and leaves out an empty second one', () => {
    expect(duration(2 * 86_400_000 + 4 * 3_600_000 + 5000)).toBe('2 d 4 h');
    expect(duration(3_600_000)).toBe('1 h');
    expect(duration(90_000)).toBe('1 min 30 s');
    expect(duration(400)).toBe('0 s');
  });
});

describe('elapsed', () => {
  it('grows from just now to days', () => {
    const now = 1_000_000_000_000;
    expect(elapsed(now - 3000, now)).toBe('just now');
    expect(elapsed(now - 42_000, now)).toBe('42 s ago');
    expect(elapsed(now - 5 * 60_000, now)).toBe('5 min ago');
    expect(elapsed(now - 3 * 3_600_000, now)).toBe('3 h ago');
    expect(elapsed(now - 49 * 3_600_000, now)).toBe('2 d ago');
  });
  it('does not promise a future where clocks differ', () => {
    expect(elapsed(2000, 1000)).toBe('just now');
  });
});
