import { duration } from '../../format/time';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MORNING_HOUR = 8;
/** As far ahead as the collector takes. */
const MOST_MS = 366 * DAY_MS;

export interface SnoozeChoice {
  id: string;
  label: string;
  /** null: until it changes. */
  until: number | null;
}

/** 8 o'clock of the next day, in the browser's zone. */
function nextMorning(now: number): number {
  const at = new Date(now);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1, MORNING_HOUR).getTime();
}

/** What is offered at once; any other time can be typed. */
export function snoozeChoices(now: number): SnoozeChoice[] {
  const morning = nextMorning(now);
  return [
    { id: 'hour', label: 'For 1 hour', until: now + HOUR_MS },
    { id: 'hours', label: 'For 4 hours', until: now + 4 * HOUR_MS },
    { id: 'morning', label: `Until tomorrow, 8:00 AM (in ${duration(morning - now)})`, until: morning },
    { id: 'week', label: 'For a week', until: now + 7 * DAY_MS },
    { id: 'change', label: 'Until it changes', until: null },
  ];
}

/** What a field of date and time says, in the browser's zone; null where that is no time that can be waited for. */
export function untilOf(typed: string, now: number): number | null {
  const at = new Date(typed).getTime();
  return Number.isFinite(at) && at > now && at <= now + MOST_MS ? at : null;
}
