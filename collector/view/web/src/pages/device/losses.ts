import type { GapNote, HeldBack } from '../../api/types';
import { integer } from '../../format/units';
import { counted } from '../../format/words';

/** What the records of a lane are called. */
const RECORDS: Record<string, [one: string, many: string]> = {
  event: ['event', 'events'],
  series: ['reading', 'readings'],
  state: ['change of a table', 'changes of tables'],
};

const REASONS: Record<string, string> = {
  spool_full: 'The device could not send them and had no room left for them.',
  thinned: 'The device could not send them for long; of each probe it kept one reading in 5 minutes.',
  too_old: 'The device could not send them for so long that they became too old to be kept.',
  spool_corrupt: 'The file in which the device kept them was damaged.',
  collector_behind: 'The collector was restored from a backup that was made before they came.',
  store_damaged: 'The collector’s database was damaged; what could be read of it was saved.',
  bad_message: 'The collector could not read them.',
  missing: 'They never came, and the device did not say why.',
};

/** `12,340 readings`; where nobody knows how many, that. */
export function lostText({ lane, records }: GapNote): string {
  const [one, many] = RECORDS[lane] ?? ['record', 'records'];
  return typeof records === 'number' ? counted(records, one, many) : `an unknown number of ${many}`;
}

/** Why they are lost, also for a reason it has never heard of. */
export function lossReason({ reason }: GapNote): string {
  return REASONS[reason] ?? `The reason given is “${reason.replaceAll('_', ' ')}”.`;
}

/** Which ones, by the numbers that the device gave them; empty where nobody knows how many, for those only bound them. */
export function lostNumbers({ first, last, records }: GapNote): string {
  if (typeof records !== 'number') return '';
  return first === last ? `Number ${integer(first)}.` : `Numbers ${integer(first)} to ${integer(last)}.`;
}

/** `12,340 readings, 3 events`; empty where nothing is held back. */
export function heldBackText({ events, readings }: HeldBack): string {
  const parts = [];
  if (readings > 0) parts.push(counted(readings, 'reading'));
  if (events > 0) parts.push(counted(events, 'event'));
  return parts.join(', ');
}
