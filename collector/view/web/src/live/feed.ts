import type { Changed } from '../api/types';

export type LiveState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** `since`: the last moment at which the screen was known to be current. */
  | { kind: 'down'; since: number };

export interface FeedEvents {
  changed: (change: Changed) => void;
  /** The feed works: what was read before may have changed since. */
  begun: () => void;
  /** The feed works again after it did not: anything may have changed meanwhile. */
  resumed: () => void;
  /** It ended for good, or could not begin: the session must be asked for. */
  sessionEnded: () => void;
  refused: () => void;
}

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close: () => void;
}

const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 20_000;
/** A connection must have held this long before the wait starts small again. */
const STEADY_MS = 10_000;

/** The wait before try number `attempt` (from 0), spread so that a restarted collector is not stormed. */
export function backOff(attempt: number, random: number): number {
  const ceiling = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** attempt);
  return ceiling / 2 + (random * ceiling) / 2;
}

/**
 * The page's end of the live feed: keeps one WebSocket open, and knows whether what is on the screen can be trusted.
 * It carries no data, only word of what changed.
 */
export class LiveFeed {
  private state: LiveState = { kind: 'connecting' };
  private readonly listeners = new Set<() => void>();
  private socket: Socket | null = null;
  private timer: number | undefined;
  private attempt = 0;
  private openedAt = 0;
  private stopped = false;

  constructor(
    private readonly open: () => Socket,
    private readonly events: FeedEvents,
  ) {}

  readonly getState = (): LiveState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
    this.drop();
  }

  /** Somebody noticed that the collector does not answer, though the socket looks open. */
  suspect(): void {
    if (this.state.kind !== 'live') return;
    this.drop();
    this.lost();
  }

  /** The network is back: do not sit out the wait. */
  retryNow(): void {
    if (this.stopped || this.socket) return;
    window.clearTimeout(this.timer);
    this.connect();
  }

  private connect(): void {
    const socket = this.open();
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.openedAt = Date.now();
      const wasDown = this.state.kind === 'down';
      this.become({ kind: 'live' });
      if (wasDown) this.events.resumed();
      else this.events.begun();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => {
      this.socket = null;
      if (!opened) this.events.refused();
      this.lost();
    };
  }

  private receive(data: unknown): void {
    const message = readMessage(data);
    if (message?.type === 'changed') this.events.changed(message as Changed);
    if (message?.type === 'session_ended') {
      this.stop();
      this.events.sessionEnded();
    }
  }

  private lost(): void {
    if (this.stopped) return;
    if (this.openedAt > 0 && Date.now() - this.openedAt > STEADY_MS) this.attempt = 0;
    this.openedAt = 0;
    if (this.state.kind !== 'down') this.become({ kind: 'down', since: Date.now() });
    this.timer = window.setTimeout(() => this.connect(), backOff(this.attempt, Math.random()));
    this.attempt += 1;
  }

  private drop(): void {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  private become(state: LiveState): void {
    this.state = state;
    for (const tell of this.listeners) tell();
  }
}

function readMessage(data: unknown): { type?: unknown } | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null ? message : null;
  } catch {
    return null;
  }
}
