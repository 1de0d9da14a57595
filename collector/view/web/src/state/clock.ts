import { useSyncExternalStore } from 'react';

/** Differences below this are the time the answer was under way, not a wrong clock. */
const TOLERATED_MS = 3000;
const TICK_MS = 1000;

let offsetMs = 0;

/** Takes the collector's time from an answer, so that a wrong clock in this browser does not bend "5 min ago". */
export function learnServerTime(serverMs: number): void {
  const difference = serverMs - Date.now();
  offsetMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}

const listeners = new Set<() => void>();
let current = Date.now();
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = window.setInterval(() => {
      current = serverNow();
      for (const tell of listeners) tell();
    }, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

/** Calls again each second with the time; the components that use it are small. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}
