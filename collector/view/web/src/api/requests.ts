/** Every route of the API that the page uses, and the key under which TanStack Query keeps its answer. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AlertFilter } from '../state/alertSearch';
import type { DeviceFilter } from '../state/deviceSearch';
import { learnServerTime } from '../state/clock';
import { answer, client, setCsrfToken } from './client';
import { ApiError } from './problem';
import type {
  AlertRow,
  CustomerRow,
  DeviceRow,
  DeviceUpdate,
  ProbeRow,
  ProbeTable,
  Session,
  UpdateList,
  UpdatePolicy,
} from './types';

/** Second line behind the live feed: waves open and offers end by time alone. */
const UPDATES_EVERY_MS = 30_000;

export interface Page<Row> {
  items: Row[];
  total: number;
}

/** A list that is fetched page by page, at any offset. */
export interface PagedSource<Row, Answer extends Page<Row> = Page<Row>> {
  key: readonly unknown[];
  fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Answer>;
}

function listed(words: readonly string[]): string | undefined {
  return words.length > 0 ? words.join(',') : undefined;
}

/** The CSRF token that came with it goes with every write from now on. */
export function keepSession(session: Session): Session {
  setCsrfToken(session.csrf_token);
  return session;
}

/** The session, or null where nobody is logged in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return keepSession(await answer(client.GET('/api/v1/session', { signal })));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export async function logIn(name: string, password: string): Promise<Session> {
  return keepSession(await answer(client.POST('/api/v1/session', { body: { name, password } })));
}

export async function logOut(): Promise<void> {
  await answer(client.DELETE('/api/v1/session'));
  setCsrfToken('');
}

export async function changePassword(current: string, next: string): Promise<Session> {
  const body = { current_password: current, new_password: next };
  return keepSession(await answer(client.POST('/api/v1/session/password', { body })));
}

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/probes', { signal })),
  staleTime: Infinity,
});

export const thresholdsQuery = queryOptions({
  queryKey: ['thresholds'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/thresholds', { signal })),
  staleTime: Infinity,
});

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/system', { signal })),
});

export function customersQuery(search: string) {
  return queryOptions({
    queryKey: ['customers', 'list', search],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/customers', { params: { query: { search: search || undefined } }, signal })),
  });
}

export function customerQuery(id: string) {
  return queryOptions({
    queryKey: ['customers', 'one', id],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/customers/{id}', { params: { path: { id } }, signal })),
  });
}

export function addCustomer(name: string): Promise<CustomerRow> {
  return answer(client.POST('/api/v1/customers', { body: { name } }));
}

export function devicesSource(customer: string, filter: DeviceFilter): PagedSource<DeviceRow> {
  return {
    key: ['devices', customer, filter],
    fetch: async (offset, limit, signal) => {
      const query = {
        customer,
        search: filter.search || undefined,
        type: listed(filter.type),
        availability: listed(filter.availability),
        severity: listed(filter.severity),
        category: listed(filter.category),
        pending_reboot: filter.reboot ? true : undefined,
        sort: filter.sort || undefined,
        offset,
        limit,
      };
      const list = await answer(client.GET('/api/v1/devices', { params: { query: asQuery(query) }, signal }));
      learnServerTime(list.as_of_ms);
      return list;
    },
  };
}

export function alertsSource(scope: { customer?: string; device?: string }, filter: AlertFilter): PagedSource<AlertRow> {
  return {
    key: ['alerts', scope, filter],
    fetch: async (offset, limit, signal) => {
      const query = {
        customer: scope.customer,
        device: scope.device,
        search: filter.search || undefined,
        severity: listed(filter.severity),
        status: listed(filter.status),
        category: listed(filter.category),
        type: listed(filter.type),
        sort: filter.sort || undefined,
        offset,
        limit,
      };
      const list = await answer(client.GET('/api/v1/alerts', { params: { query: asQuery(query) }, signal }));
      learnServerTime(list.as_of_ms);
      return list;
    },
  };
}

/** The contract may type a query's words more narrowly than the page does; the collector checks them anyway. */
function asQuery(query: Record<string, unknown>): Record<string, never> {
  return query as Record<string, never>;
}

export function deviceQuery(id: string) {
  return queryOptions({
    queryKey: ['device', id],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/devices/{id}', { params: { path: { id } }, signal })),
  });
}

export function revokeDevice(id: string): Promise<DeviceRow> {
  return answer(client.POST('/api/v1/devices/{id}/revoke', { params: { path: { id } } }));
}

export interface ProbePage extends Page<ProbeRow> {
  table: ProbeTable;
}

export function probeSource(device: string, probe: string, search: string): PagedSource<ProbeRow, ProbePage> {
  return {
    key: ['device', device, 'probe', probe, search],
    fetch: async (offset, limit, signal) => {
      const params = { path: { id: device, probe }, query: { offset, limit, search: search || undefined } };
      const table = await answer(client.GET('/api/v1/devices/{id}/probes/{probe}', { params, signal }));
      return { items: table.rows, total: table.total, table };
    },
  };
}

export function probeQuery(device: string, probe: string) {
  return queryOptions({
    queryKey: ['device', device, 'probe', probe],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/devices/{id}/probes/{probe}', { params: { path: { id: device, probe } }, signal })),
  });
}

export interface Span {
  from: number;
  to: number;
}

/** `span` is asked for at each fetch, so that a chart of "the last 24 h" moves on. */
export function seriesQuery(device: string, probe: string, name: string, span: () => Span) {
  return queryOptions({
    queryKey: ['series', device, probe, name],
    queryFn: ({ signal }) => {
      const { from, to } = span();
      const params = {
        path: { id: device, probe },
        query: { from_ms: Math.round(from), to_ms: Math.round(to) },
      };
      return answer(client.GET('/api/v1/devices/{id}/series/{probe}', { params, signal }));
    },
  });
}

/** Events and losses, newest first, page by page. */
export function pastQuery(device: string) {
  return infiniteQueryOptions({
    queryKey: ['device', device, 'past'],
    queryFn: ({ pageParam, signal }) => {
      const params = { path: { id: device }, query: { kind: 'event,gap', limit: 100, before: pageParam || undefined } };
      return answer(client.GET('/api/v1/devices/{id}/timeline', { params, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next || undefined,
  });
}

export function makeToken(customer: string, uses: number, expiresInSeconds: number) {
  const body = { customer_id: customer, uses, expires_in_s: expiresInSeconds };
  return answer(client.POST('/api/v1/enrolment-tokens', { body }));
}

export function tokenQuery(id: string) {
  return queryOptions({
    queryKey: ['tokens', id],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/enrolment-tokens/{id}', { params: { path: { id } }, signal })),
  });
}

export async function revokeToken(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/enrolment-tokens/{id}', { params: { path: { id } } }));
}

export const releasesQuery = queryOptions({
  queryKey: ['updates', 'releases'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/releases', { signal })),
  refetchInterval: UPDATES_EVERY_MS,
});

export function resumeRelease(version: string): Promise<unknown> {
  return answer(client.POST('/api/v1/releases/{version}/resume', { params: { path: { version } } }));
}

export interface UpdateFilter {
  customer?: string;
  version?: string;
  search?: string;
}

export function updatesQuery(filter: UpdateFilter, offset: number, limit: number) {
  return queryOptions({
    queryKey: ['updates', 'list', filter, offset, limit],
    queryFn: ({ signal }): Promise<UpdateList> =>
      answer(client.GET('/api/v1/updates', { params: { query: asQuery({ ...filter, offset, limit }) }, signal })),
    refetchInterval: UPDATES_EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

export function deviceUpdateQuery(id: string) {
  return queryOptions({
    queryKey: ['updates', 'device', id],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/devices/{id}/update', { params: { path: { id } }, signal })),
    refetchInterval: UPDATES_EVERY_MS,
  });
}

export function retryUpdate(id: string): Promise<DeviceUpdate> {
  return answer(client.POST('/api/v1/devices/{id}/update/retry', { params: { path: { id } } }));
}

/** Whose policy of updates: of all, of a customer, of a device. */
export type PolicyOwner = { level: 'collector' } | { level: 'customer' | 'device'; id: string };

export function policyQuery(owner: PolicyOwner) {
  return queryOptions({
    queryKey: ['updates', 'policy', owner],
    queryFn: ({ signal }): Promise<UpdatePolicy> => {
      if (owner.level === 'collector') return answer(client.GET('/api/v1/update-policy', { signal }));
      const params = { path: { id: owner.id } };
      if (owner.level === 'customer') {
        return answer(client.GET('/api/v1/customers/{id}/update-policy', { params, signal }));
      }
      return answer(client.GET('/api/v1/devices/{id}/update-policy', { params, signal }));
    },
  });
}

export function setPolicy(owner: PolicyOwner, body: UpdatePolicy): Promise<UpdatePolicy> {
  if (owner.level === 'collector') return answer(client.PUT('/api/v1/update-policy', { body }));
  const params = { path: { id: owner.id } };
  if (owner.level === 'customer') return answer(client.PUT('/api/v1/customers/{id}/update-policy', { params, body }));
  return answer(client.PUT('/api/v1/devices/{id}/update-policy', { params, body }));
}
