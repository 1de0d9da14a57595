import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backOff, LiveFeed, type Socket } from './feed';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  close() {
    this.closed = true;
  }
}

function setUp() {
  const sockets: FakeSocket[] = [];
  const events = { changed: vi.fn(), begun: vi.fn(), resumed: vi.fn(), sessionEnded: vi.fn(), refused: vi.fn() };
  const feed = new LiveFeed(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  }, events);
  return { feed, sockets, events };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('backOff', () => {
  it('doubles, has a ceiling and never falls below half of it', () => {
    expect(backOff(0, 0)).toBe(250);
    expect(backOff(0, 1)).toBe(500);
    expect(backOff(3, 1)).toBe(4000);
    expect(backOff(50, 1)).toBe(20_000);
  });
});

describe('LiveFeed', () => {
  it('is live once the socket is open, and passes changes on', () => {
    const { feed, sockets, events } = setUp();
    feed.start();
    expect(feed.getState().kind).toBe('connecting');
    sockets[0]?.onopen?.();
    expect(feed.getState().kind).toBe('live');
    expect(events.begun).toHaveBeenCalledOnce();
    expect(events.resumed).not.toHaveBeenCalled();
    sockets[0]?.onmessage?.({ data: '{"type":"changed","devices":["a"]}' });
    expect(events.changed).toHaveBeenCalledWith({ type: 'changed', devices: ['a'] });
  });

  it('skips what it does not understand', () => {
    const { feed, sockets, events } = setUp();
    feed.start();
    sockets[0]?.onopen?.();
    for (const data of ['{"type":', 'null', '17', '{"type":"news"}', new ArrayBuffer(2)]) {
      sockets[0]?.onmessage?.({ data });
    }
    expect(events.changed).not.toHaveBeenCalled();
    expect(feed.getState().kind).toBe('live');
  });

  it('says since when it is down, tries again, and resumes', () => {
    const { feed, sockets, events } = setUp();
    feed.start();
    sockets[0]?.onopen?.();
    vi.advanceTimersByTime(5000);
    const lostAt = Date.now();
    sockets[0]?.onclose?.();
    expect(feed.getState()).toEqual({ kind: 'down', since: lostAt });
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
    sockets[1]?.onclose?.();
    expect(events.refused).toHaveBeenCalledOnce();
    expect(feed.getState()).toEqual({ kind: 'down', since: lostAt });
    vi.advanceTimersByTime(2000);
    sockets[2]?.onopen?.();
    expect(feed.getState().kind).toBe('live');
    expect(events.resumed).toHaveBeenCalledOnce();
    expect(events.begun).toHaveBeenCalledOnce();
  });

  it('drops a socket that only looks open', () => {
    const { feed, sockets } = setUp();
    feed.start();
    sockets[0]?.onopen?.();
    feed.suspect();
    expect(sockets[0]?.closed).toBe(true);
    expect(feed.getState().kind).toBe('down');
    feed.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('stops for good when the session ended', () => {
    const { feed, sockets, events } = setUp();
    feed.start();
    sockets[0]?.onopen?.();
    sockets[0]?.onmessage?.({ data: '{"type":"session_ended"}' });
    expect(events.sessionEnded).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(120_000);
    expect(sockets).toHaveLength(1);
  });
});
