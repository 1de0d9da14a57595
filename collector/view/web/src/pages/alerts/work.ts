/** What can be done about alerts and what was done, in words. */
import { ApiError } from '../../api/problem';
import type { AlertAction, AlertEvidence, AlertOutcome, AlertRow } from '../../api/types';
import type { Level } from '../../charts/options';
import { stamp } from '../../format/time';
import { inUnit } from '../../format/units';

/** As in the collector's limits. */
export const TICKET_CHARACTERS = 500;
export const NOTE_CHARACTERS = 4000;

export const PERHAPS_NOTED = 'The note may have been kept: look at the history before you write it again.';

export interface Offer {
  snooze: boolean;
  resolve: boolean;
  reopen: boolean;
}

/** What would change at least one of them. */
export function offerOf(alerts: readonly Pick<AlertRow, 'status'>[]): Offer {
  const pending = alerts.some(({ status }) => status !== 'resolved');
  return { snooze: pending, resolve: pending, reopen: alerts.some(({ status }) => status !== 'open') };
}

function untilText(until: number | null): string {
  return until === null ? 'until it changes' : `until ${stamp(until)}`;
}

/** Who made the status what it is and what that means, one thing a line. */
export function statusText(alert: AlertRow): string {
  const by = alert.status_by ? ` by ${alert.status_by}` : '';
  if (alert.resolved_ms !== null) {
    const lines = [`Resolved${by || ' by itself'}, ${stamp(alert.resolved_ms)}`];
    if (alert.cause_persists) lines.push('Its cause goes on: it is raised anew when that has ended and comes again');
    return lines.join('\n');
  }
  if (alert.snoozed_ms !== null) return `Snoozed${by} ${untilText(alert.snoozed_until_ms)}`;
  return alert.reopened_ms === null ? '' : `Reopened${by}, ${stamp(alert.reopened_ms)}`;
}

/** One line of an alert's history. */
export function actionText({ what, technician_id: id, technician, text, until_ms: until }: AlertAction): string {
  const byItself = id === '';
  switch (what) {
    case 'snoozed':
      return `${technician} snoozed it ${untilText(until)}`;
    case 'woken':
      return until === null ? `Its snooze ended, since it changed: ${text}` : 'Its snooze ended';
    case 'resolved':
      return byItself ? `It resolved by itself: ${text}` : `${technician} resolved it`;
    case 'reopened':
      return `${technician} reopened it`;
    case 'assigned':
      return `${technician} assigned it to ${text || 'nobody'}`;
    case 'ticket':
      return text ? `${technician} set its ticket to ${text}` : `${technician} removed its ticket`;
    default:
      return `${technician} ${what}`;
  }
}

/** True where a "no" is none: the collector may have done it, and its answer was lost. */
export function mayBeDone(error: Error): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

/** Where a ticket leads; null where it is only a number or a word. */
export function ticketAddress(ticket: string): string | null {
  if (!URL.canParse(ticket)) return null;
  const { protocol, href } = new URL(ticket);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}

/** Of a ticket's address, what tells it from others. */
export function ticketLabel(ticket: string): string {
  const address = ticketAddress(ticket);
  if (!address) return ticket;
  const { host, pathname, search } = new URL(address);
  return `${pathname}${search}`.split(/[/=]/).findLast((part) => part !== '') ?? host;
}

export function undone(outcomes: readonly AlertOutcome[]): AlertOutcome[] {
  return outcomes.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
}

/** The levels of the rule, as lines of its chart. */
export function levelsOf({ comparison, raise, clear }: AlertEvidence, unit: string): Level[] {
  if (raise === null || clear === null) return [];
  const [past, back] = comparison === 'below' ? ['below', 'above'] : ['above', 'below'];
  const levels: Level[] = [{ value: raise, label: `raises ${past} ${inUnit(raise, unit)}`, tone: 'critical' }];
  if (clear !== raise) levels.push({ value: clear, label: `resolves ${back} ${inUnit(clear, unit)}`, tone: 'good' });
  return levels;
}
