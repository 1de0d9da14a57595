import type { Query, QueryClient } from '@tanstack/react-query';
import type { Changed } from '../api/types';

/** True where a change touches what a query shows. Charts refresh by themselves, at their own pace. */
export function touches(change: Changed, key: readonly unknown[]): boolean {
  const someDevice = change.all_devices || change.devices.length > 0;
  switch (key[0]) {
    case 'devices':
      return someDevice || change.alerts;
    case 'device': {
      const tellsOfAlerts = key.length === 2 || key[2] === 'history';
      return change.all_devices || change.devices.includes(String(key[1])) || (tellsOfAlerts && change.alerts);
    }
    case 'alerts':
      return change.alerts;
    case 'customers':
      return change.customers || change.alerts || someDevice;
    case 'tokens':
      return change.tokens;
    case 'updates':
      return change.updates;
    default:
      return false;
  }
}

/** Reads again what is on the screen; what is not is read when it is shown next. */
export function refresh(queries: QueryClient, change: Changed): Promise<void> {
  return queries.invalidateQueries({ predicate: (query: Query) => touches(change, query.queryKey) });
}

const ANYTHING: Changed = {
  type: 'changed',
  devices: [],
  all_devices: true,
  alerts: true,
  customers: true,
  tokens: true,
  updates: true,
};

/** Reads again what was read before anybody told of changes. What is on its way goes on. */
export function readAnew(queries: QueryClient): Promise<void> {
  const wasRead = ({ state, queryKey }: Query) => state.data !== undefined && touches(ANYTHING, queryKey);
  return queries.invalidateQueries({ predicate: wasRead });
}
