import type { QueryClient } from '@tanstack/react-query';

/** Something was done with devices: all that shows them is read again. */
export async function readDevicesAgain(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['devices', 'device', 'customers', 'alerts'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
  );
}
