import { integer } from './units';

const REASONS: Record<string, string> = {
  not_supported: 'not supported on this machine',
  permission_denied: 'permission denied on the device',
  timed_out: 'reading took too long and was stopped',
  not_yet_read: 'not read yet',
  not_connected: 'only known while the device is connected',
  not_found: 'nothing of it is on record on this machine',
  io: 'the device could not read it',
};

/** Why a value is unknown, for people. */
export function reasonText(reason: string): string {
  if (!reason) return 'no reason given';
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `1 device`, `2 devices`, `1,204 devices`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${integer(count)} ${count === 1 ? one : many}`;
}
