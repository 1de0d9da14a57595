import { useCallback, useEffect, useState } from 'react';

/** Seconds left of a wait; 0 when there is none. */
export function useCountdown(): [number, (seconds: number) => void] {
  const [end, setEnd] = useState(0);
  const [left, setLeft] = useState(0);

  useEffect(() => {
    if (end === 0) return;
    const timer = window.setInterval(() => {
      const rest = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft(rest);
      if (rest === 0) setEnd(0);
    }, 250);
    return () => window.clearInterval(timer);
  }, [end]);

  const start = useCallback((seconds: number) => {
    setLeft(Math.ceil(seconds));
    setEnd(Date.now() + seconds * 1000);
  }, []);
  return [left, start];
}
