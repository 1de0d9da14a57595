import type { DeviceUpdate, EffectiveUpdatePolicy, ReleaseRow } from '../../api/types';
import { stamp } from '../../format/time';
import { capitalised, counted } from '../../format/words';

/** How the state of a device's update is shown: never by colour alone, the sentence stands beside it. */
export type Tone = 'good' | 'plain' | 'warning' | 'bad';

const TONES: Record<string, Tone> = {
  current: 'good',
  offered: 'plain',
  under_way: 'plain',
  waiting: 'plain',
  queued: 'plain',
  none: 'plain',
  pinned: 'warning',
  paused: 'warning',
  refused: 'warning',
  stopped: 'bad',
  failed: 'bad',
  unfit: 'warning',
  unknown: 'warning',
};

export function toneOf(verdict: string): Tone {
  return TONES[verdict] ?? 'plain';
}

/** The reason in words, with the moment from which it is another one. */
export function stateText({ reason, target, opens_ms: opens, verdict }: DeviceUpdate): string {
  const words = [capitalised(reason)];
  if (typeof opens === 'number') words.push(`opens ${stamp(opens)}`);
  if (target && verdict !== 'pinned' && verdict !== 'current') words.push(`version ${target}`);
  return words.join(', ');
}

const LEVELS: Record<string, string> = { collector: 'for all', customer: 'for the customer', device: 'for this device' };

/** `beta (for the customer)`, `stable (as nobody says otherwise)`. */
function withLevel(value: string, level: string): string {
  return `${value} (${LEVELS[level] ?? 'nobody says otherwise'})`;
}

export function policyTexts(policy: EffectiveUpdatePolicy): { paused: string; channel: string; pinned: string } {
  return {
    paused: withLevel(policy.paused ? 'paused' : 'on', policy.paused_from),
    channel: withLevel(policy.channel, policy.channel_from),
    pinned: withLevel(policy.pinned || 'the newest', policy.pinned_from),
  };
}

/** Where a release stands: `wave 2 of 3 since …`, `all devices since …`. */
export function waveText(release: ReleaseRow, now: number): string {
  if (typeof release.first_seen_ms !== 'number') return 'being looked at';
  if (release.waves.length === 0) return `offered to all since ${stamp(release.first_seen_ms)}`;
  const open = release.waves.filter(({ opens_ms: at }) => at <= now).length;
  const next = release.waves[open];
  const now_at = open === 0 ? 'no wave is open' : `wave ${open} of ${release.waves.length}: ${release.waves[open - 1]?.percent} % of devices`;
  return next ? `${now_at}; ${next.percent} % from ${stamp(next.opens_ms)} on` : now_at;
}

/** What devices made of a release; parts that are 0 are left out. */
export function countsText(release: ReleaseRow): string {
  const parts: [number, string][] = [
    [release.under_way, 'under way'],
    [release.waiting, 'waiting'],
    [release.failed, 'failed'],
    [release.refused, 'refused'],
  ];
  const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count.toLocaleString('en-US')} ${word}`);
  return [`${counted(release.running, 'device')} run it`, ...words].join(', ').replace(/^1 device run /, '1 device runs ');
}
