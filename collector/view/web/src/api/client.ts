import createClient, { type Middleware } from 'openapi-fetch';
import { visible } from '../format/visible';
import { fromResponse, unreachable } from './problem';
import type { paths } from './schema';

let csrfToken = '';

/** Remembers what every writing request must carry; comes with the session. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
};

export const client = createClient<paths>({ credentials: 'same-origin' });
client.use(csrf);

interface Call<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of a call that worked; throws ApiError for every other outcome, and the abort of a cancelled one. */
export async function answer<Data>(call: Promise<Call<Data>>): Promise<Data> {
  let done: Call<Data>;
  try {
    done = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  if (!done.response.ok) throw fromResponse(done.response, visible(done.error));
  return visible(done.data as Data);
}
