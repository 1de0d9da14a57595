import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Coalescer } from './coalesce';
import { LiveFeed, type LiveState, type Socket } from './feed';
import { readAnew, refresh } from './refresh';

/** Between two refreshes: fast enough for a person, slow enough for a thousand devices that talk at once. */
const REFRESH_PAUSE_MS = 300;
/** How often the page makes sure that a quiet collector still answers. */
const CHECK_EVERY_MS = 12_000;
const CHECK_LIMIT_MS = 6000;

const LiveContext = createContext<LiveFeed | null>(null);

function openSocket(): Socket {
  const address = new URL('/api/v1/live', window.location.href);
  address.protocol = address.protocol === 'http:' ? 'ws:' : 'wss:';
  return new WebSocket(address) as unknown as Socket;
}

/** Any answer at all means that the collector is there. Asked without the session, which it must not keep alive. */
async function collectorAnswers(): Promise<boolean> {
  try {
    await fetch('/healthz', { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(CHECK_LIMIT_MS) });
    return true;
  } catch {
    return false;
  }
}

/** Holds the live feed while somebody is logged in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [feed] = useState(() => {
    const coalescer = new Coalescer((change) => refresh(queries, change), REFRESH_PAUSE_MS);
    return new LiveFeed(openSocket, {
      changed: (change) => coalescer.push(change),
      begun: () => void readAnew(queries),
      resumed: () => void queries.invalidateQueries(),
      sessionEnded: () => queries.setQueryData(['session'], null),
      refused: () => void queries.invalidateQueries({ queryKey: ['session'] }),
    });
  });

  useEffect(() => {
    feed.start();
    const check = window.setInterval(() => {
      void collectorAnswers().then((answers) => {
        if (!answers) feed.suspect();
      });
    }, CHECK_EVERY_MS);
    const suspect = () => feed.suspect();
    const retry = () => feed.retryNow();
    window.addEventListener('offline', suspect);
    window.addEventListener('online', retry);
    return () => {
      window.clearInterval(check);
      window.removeEventListener('offline', suspect);
      window.removeEventListener('online', retry);
      feed.stop();
    };
  }, [feed]);

  return <LiveContext value={feed}>{children}</LiveContext>;
}

const CONNECTING: LiveState = { kind: 'connecting' };
const noFeed = { subscribe: () => () => undefined, getState: () => CONNECTING };

export function useLiveState(): LiveState {
  const feed = use(LiveContext) ?? noFeed;
  return useSyncExternalStore(feed.subscribe, feed.getState);
}
