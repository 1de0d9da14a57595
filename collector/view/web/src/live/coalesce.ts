import type { Changed } from '../api/types';

/** Two changes as one; `all_devices` swallows the ids. */
export function merge(first: Changed, second: Changed): Changed {
  const all = first.all_devices || second.all_devices;
  return {
    type: 'changed',
    devices: all ? [] : [...new Set([...first.devices, ...second.devices])],
    all_devices: all,
    alerts: first.alerts || second.alerts,
    customers: first.customers || second.customers,
    tokens: first.tokens || second.tokens,
    updates: first.updates || second.updates,
  };
}

/**
 * Applies changes at once when it is quiet, and together when they come thick: never two at a time, so that a slow
 * collector is asked less often instead of having its answers thrown away.
 */
export class Coalescer {
  private waiting: Changed | null = null;
  private busy = false;

  constructor(
    private readonly apply: (change: Changed) => Promise<unknown>,
    private readonly pauseMs: number,
  ) {}

  push(change: Changed): void {
    this.waiting = this.waiting ? merge(this.waiting, change) : change;
    if (!this.busy) void this.drain();
  }

  private async drain(): Promise<void> {
    this.busy = true;
    while (this.waiting) {
      const change = this.waiting;
      this.waiting = null;
      try {
        await this.apply(change);
      } catch {
        // The query that failed shows its own error.
      }
      await new Promise((done) => setTimeout(done, this.pauseMs));
    }
    this.busy = false;
  }
}
