import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, ASK_FOR_SESSION } from '../api/problem';

const TRIES = 2;
const FRESH_MS = 30_000;

/** Only what may pass by itself is tried again: silence and faults of the collector, not a "no". */
function worthRetrying(failures: number, error: Error): boolean {
  const passes = error instanceof ApiError && (error.status === 0 || error.status >= 500);
  return passes && failures < TRIES;
}

export function makeQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (!(error instanceof ApiError)) return;
    if (error.status === 401) client.setQueryData(['session'], null);
    if (ASK_FOR_SESSION.includes(error.problem.type)) void client.invalidateQueries({ queryKey: ['session'] });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The page must notice by itself that the collector is unreachable, so "offline" pauses nothing.
      queries: { staleTime: FRESH_MS, retry: worthRetrying, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
