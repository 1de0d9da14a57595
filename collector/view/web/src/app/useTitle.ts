import { useEffect } from 'react';

/** `Devices · Contoso · Rollcall` in the browser's tab. */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), 'Rollcall'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
