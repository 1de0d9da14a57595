import { describe, expect, it } from 'vitest';
import { fromResponse, unreachable } from '../../api/problem';
import type { AlertAction, AlertEvidence, AlertRow } from '../../api/types';
import { actionText, levelsOf, mayBeDone, offerOf, statusText, ticketAddress, ticketLabel, undone } from './work';

const at = new Date(2026, 10, 23, 17, 30).getTime();
const alert = (part: Partial<AlertRow>) =>
  ({ status_by: '', resolved_ms: null, snoozed_ms: null, snoozed_until_ms: null, reopened_ms: null, ...part }) as AlertRow;
const action = (part: Partial<AlertAction>): AlertAction => ({
  at_ms: at,
  technician_id: 'a',
  technician: 'anna',
  what: 'resolved',
  text: '',
  until_ms: null,
  version: 2,
  ...part,
});

it('offers what would change at least one alert', () => {
  expect(offerOf([{ status: 'open' }])).toEqual({ snooze: true, resolve: true, reopen: false });
  expect(offerOf([{ status: 'resolved' }])).toEqual({ snooze: false, resolve: false, reopen: true });
  expect(offerOf([{ status: 'open' }, { status: 'snoozed' }])).toEqual({ snooze: true, resolve: true, reopen: true });
});

it('says who made the status what it is, and until when', () => {
  expect(statusText(alert({}))).toBe('');
  expect(statusText(alert({ resolved_ms: at }))).toBe('Resolved by itself, 11/23/2026 05:30:00 PM');
  expect(statusText(alert({ resolved_ms: at, status_by: 'anna', cause_persists: true }))).toBe(
    'Resolved by anna, 11/23/2026 05:30:00 PM\n' +
      'Its cause goes on: it is raised anew when that has ended and comes again',
  );
  expect(statusText(alert({ snoozed_ms: at, status_by: 'anna' }))).toBe('Snoozed by anna until it changes');
  expect(statusText(alert({ snoozed_ms: at, snoozed_until_ms: at, status_by: 'anna' }))).toBe(
    'Snoozed by anna until 11/23/2026 05:30:00 PM',
  );
  expect(statusText(alert({ reopened_ms: at, status_by: 'anna' }))).toBe('Reopened by anna, 11/23/2026 05:30:00 PM');
});

describe('the history', () => {
  it('tells people from what happened by itself', () => {
    expect(actionText(action({}))).toBe('anna resolved it');
    expect(actionText(action({ technician_id: '', technician: '', text: '12 %' }))).toBe('It resolved by itself: 12 %');
    expect(actionText(action({ what: 'woken', technician_id: '', until_ms: at }))).toBe('Its snooze ended');
    expect(actionText(action({ what: 'woken', technician_id: '', text: '97 %' }))).toBe(
      'Its snooze ended, since it changed: 97 %',
    );
  });
  it('tells what was taken away, and what it has never heard of', () => {
    expect(actionText(action({ what: 'snoozed' }))).toBe('anna snoozed it until it changes');
    expect(actionText(action({ what: 'assigned', text: 'berta' }))).toBe('anna assigned it to berta');
    expect(actionText(action({ what: 'assigned' }))).toBe('anna assigned it to nobody');
    expect(actionText(action({ what: 'ticket', text: 'T-1' }))).toBe('anna set its ticket to T-1');
    expect(actionText(action({ what: 'ticket' }))).toBe('anna removed its ticket');
    expect(actionText(action({ what: 'painted' }))).toBe('anna painted');
  });
});

describe('a ticket', () => {
  it('is a link only where it leads to a web page', () => {
    expect(ticketAddress('https://desk.example/t/7')).toBe('https://desk.example/t/7');
    for (const ticket of ['', 'T-7', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'desk.example/7']) {
      expect(ticketAddress(ticket)).toBe(null);
    }
  });
  it('is called by what tells it from others', () => {
    expect(ticketLabel('T-7')).toBe('T-7');
    expect(ticketLabel('https://desk.example/tickets/INC-42/')).toBe('INC-42');
    expect(ticketLabel('https://desk.example/view?id=42')).toBe('42');
    expect(ticketLabel('https://desk.example')).toBe('desk.example');
  });
});

it('leaves out of a report what was done or was so already', () => {
  const outcomes = ['done', 'stale', 'unchanged', 'refused', 'not_found'].map((outcome) => ({
    id: outcome,
    outcome,
    detail: '',
    alert: null,
  }));
  expect(undone(outcomes).map(({ id }) => id)).toEqual(['stale', 'refused', 'not_found']);
});

it('draws the levels of a rule, one where they are the same', () => {
  const rule = { comparison: 'below', raise: 10, clear: 12 } as AlertEvidence;
  expect(levelsOf(rule, 'percent').map(({ label }) => label)).toEqual(['raises below 10 %', 'resolves above 12 %']);
  expect(levelsOf({ ...rule, clear: 10 }, 'percent')).toHaveLength(1);
  expect(levelsOf({ ...rule, raise: null }, 'percent')).toEqual([]);
});

it('knows a "no" from an answer that was lost', () => {
  expect(mayBeDone(unreachable())).toBe(true);
  expect(mayBeDone(new TypeError('network'))).toBe(true);
  expect(mayBeDone(fromResponse(new Response(null, { status: 502 }), null))).toBe(true);
  expect(mayBeDone(fromResponse(new Response(null, { status: 409 }), null))).toBe(false);
});
