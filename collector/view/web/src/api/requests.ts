/** Every route of the API that the page uses, and the key under which TanStack Query keeps its answer. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AlertFilter } from '../state/alertSearch';
import type { CustomerFilter } from '../state/customerSearch';
import type { DeviceFilter } from '../state/deviceSearch';
import type { HistorySearch } from '../state/historySearch';
import { learnServerTime } from '../state/clock';
import { answer, client, setCsrfToken } from './client';
import { ApiError } from './problem';
import type {
  AlertDetail,
  AlertOutcomes,
  AlertRow,
  BulkAnswer,
  ContactEdit,
  ContactImported,
  ContactRow,
  CustomerDetails,
  CustomerEdit,
  CustomerRow,
  DeviceEdit,
  DeviceRow,
  DeviceUpdate,
  FolderRow,
  PinnedFields,
  ProbeRow,
  ProbeTable,
  PurgeAnswer,
  SavedView,
  Session,
  UpdateList,
  UpdatePolicy,
  ViewWish,
} from './types';

/** Evidence is a picture of a moment: it moves on at its own pace, not with every alert of the collector. */
const EVIDENCE_EVERY_MS = 60_000;

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

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/system', { signal })),
});

export function customersQuery(filter: CustomerFilter) {
  return queryOptions({
    queryKey: ['customers', 'list', filter],
    queryFn: ({ signal }) => {
      const query = {
        search: filter.search || undefined,
        rank: listed(filter.rank),
        favourite: filter.favourite ? true : undefined,
        sort: filter.sort || undefined,
      };
      return answer(client.GET('/api/v1/customers', { params: { query: asQuery(query) }, signal }));
    },
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

export function detailsQuery(customer: string) {
  return queryOptions({
    queryKey: ['customers', 'details', customer],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/customers/{id}/details', { params: { path: { id: customer } }, signal })),
  });
}

export function saveDetails(customer: string, body: CustomerEdit): Promise<CustomerDetails> {
  return answer(client.PUT('/api/v1/customers/{id}/details', { params: { path: { id: customer } }, body }));
}

export const pinnedQuery = queryOptions({
  queryKey: ['customers', 'pinned'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/pinned-fields', { signal })),
});

export function savePinned(body: PinnedFields): Promise<PinnedFields> {
  return answer(client.PUT('/api/v1/pinned-fields', { body }));
}

export async function starCustomer(id: string, starred: boolean): Promise<void> {
  const params = { path: { id } };
  if (starred) await answer(client.PUT('/api/v1/customers/{id}/favourite', { params }));
  else await answer(client.DELETE('/api/v1/customers/{id}/favourite', { params }));
}

export function foldersQuery(customer: string) {
  return queryOptions({
    queryKey: ['customers', 'folders', customer],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/customers/{id}/folders', { params: { path: { id: customer } }, signal })),
  });
}

export function addFolder(customer: string, name: string, parent: string | null): Promise<FolderRow> {
  const body = { name, parent_id: parent };
  return answer(client.POST('/api/v1/customers/{id}/folders', { params: { path: { id: customer } }, body }));
}

export function editFolder(folder: FolderRow, name: string, parent: string | null): Promise<FolderRow> {
  const body = { name, parent_id: parent, version: folder.version };
  return answer(client.PUT('/api/v1/folders/{id}', { params: { path: { id: folder.id } }, body }));
}

/** What lies in it goes into its parent. */
export async function deleteFolder(id: string): Promise<void> {
  const query = asQuery({ contents: 'move_up' });
  await answer(client.DELETE('/api/v1/folders/{id}', { params: { path: { id }, query } }));
}

export interface ContactFilter {
  search: string;
  status: readonly string[];
}

export function contactsSource(customer: string, filter: ContactFilter): PagedSource<ContactRow> {
  return {
    key: ['customers', 'contacts', customer, filter],
    fetch: (offset, limit, signal) => {
      const query = { search: filter.search || undefined, status: listed(filter.status), offset, limit };
      const params = { path: { id: customer }, query: asQuery(query) };
      return answer(client.GET('/api/v1/customers/{id}/contacts', { params, signal }));
    },
  };
}

export function addContact(customer: string, contact: ContactEdit): Promise<ContactRow> {
  const { name, job_title, email, phone, mobile, device_id, status } = contact;
  const body = { name, job_title, email, phone, mobile, device_id, status };
  return answer(client.POST('/api/v1/customers/{id}/contacts', { params: { path: { id: customer } }, body }));
}

export function editContact(id: string, body: ContactEdit): Promise<ContactRow> {
  return answer(client.PUT('/api/v1/contacts/{id}', { params: { path: { id } }, body }));
}

export async function deleteContact(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/contacts/{id}', { params: { path: { id } } }));
}

export function importContacts(customer: string, csv: string, dryRun: boolean): Promise<ContactImported> {
  const body = { csv, dry_run: dryRun };
  return answer(client.POST('/api/v1/customers/{id}/contacts/import', { params: { path: { id: customer } }, body }));
}

/** Everything that chooses and sorts devices, as the API has it. */
function deviceChoice(customer: string | undefined, filter: DeviceFilter) {
  return {
    customer,
    folder: filter.folder || undefined,
    monitored: filter.monitored.length === 1 ? filter.monitored[0] === 'yes' : undefined,
    favourite: filter.favourite ? true : undefined,
    search: filter.search || undefined,
    type: listed(filter.type),
    availability: listed(filter.availability),
    severity: listed(filter.severity),
    category: listed(filter.category),
    pending_reboot: filter.reboot ? true : undefined,
    filter: filter.filter || undefined,
    sort: filter.sort || undefined,
  };
}

/** Of one customer, or of all that may be seen. */
export function devicesSource(customer: string | undefined, filter: DeviceFilter): PagedSource<DeviceRow> {
  return {
    key: ['devices', customer ?? '', filter],
    fetch: async (offset, limit, signal) => {
      const query = { ...deviceChoice(customer, filter), offset, limit };
      const list = await answer(client.GET('/api/v1/devices', { params: { query: asQuery(query) }, signal }));
      learnServerTime(list.as_of_ms);
      return list;
    },
  };
}

/** Of all that the filter finds. */
export async function deviceIds(customer: string | undefined, filter: DeviceFilter): Promise<string[]> {
  const query = asQuery(deviceChoice(customer, filter));
  return (await answer(client.GET('/api/v1/devices/ids', { params: { query } }))).ids;
}

/** As many as one looks through. */
const JUMP_ROWS = 8;

/** Devices of any customer by some letters of their names or addresses. */
export function jumpQuery(search: string) {
  return queryOptions({
    queryKey: ['devices', 'jump', search],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/devices', { params: { query: { search, limit: JUMP_ROWS } }, signal })),
  });
}

export interface AlertScope {
  customer?: string | undefined;
  device?: string | undefined;
}

function alertChoice(scope: AlertScope, filter: AlertFilter) {
  return {
    customer: scope.customer,
    device: scope.device,
    search: filter.search || undefined,
    severity: listed(filter.severity),
    status: listed(filter.status),
    category: listed(filter.category),
    type: listed(filter.type),
    filter: filter.filter || undefined,
    sort: filter.sort || undefined,
  };
}

export function alertsSource(scope: AlertScope, filter: AlertFilter): PagedSource<AlertRow> {
  return {
    key: ['alerts', scope, filter],
    fetch: async (offset, limit, signal) => {
      const query = { ...alertChoice(scope, filter), offset, limit };
      const list = await answer(client.GET('/api/v1/alerts', { params: { query: asQuery(query) }, signal }));
      learnServerTime(list.as_of_ms);
      return list;
    },
  };
}

/** One alert with its notes and what was done about it: read again when there is more of either. */
export function alertQuery({ id, version, notes }: Pick<AlertRow, 'id' | 'version' | 'notes'>) {
  return queryOptions({
    queryKey: ['alert', id, version, notes],
    queryFn: ({ signal }) => readAlert(id, signal),
    placeholderData: keepPreviousData,
  });
}

/** Where the list comes from as CSV: the same lines in the same order. */
function csvAddress(
  path: string,
  query: Record<string, string | boolean | undefined>,
  columns: readonly string[],
): string {
  const given = new URLSearchParams({ columns: columns.join(',') });
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, String(value));
  return `${path}?${given.toString()}`;
}

export function devicesCsv(customer: string | undefined, filter: DeviceFilter, columns: readonly string[]): string {
  return csvAddress('/api/v1/devices.csv', deviceChoice(customer, filter), columns);
}

export function alertsCsv(scope: AlertScope, filter: AlertFilter, columns: readonly string[]): string {
  return csvAddress('/api/v1/alerts.csv', alertChoice(scope, filter), columns);
}

export type ListName = 'devices' | 'alerts';

export function filterColumnsQuery(of: ListName) {
  return queryOptions({
    queryKey: ['filter-columns', of],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/filter/columns', { params: { query: { of } }, signal })),
    staleTime: Infinity,
  });
}

/** What the collector says of a filter while it is written. */
export function filterCheckQuery(of: ListName, filter: string) {
  return queryOptions({
    queryKey: ['filter-check', of, filter],
    queryFn: ({ signal }) => answer(client.POST('/api/v1/filter/check', { body: { of, filter }, signal })),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

export function readAlert(id: string, signal?: AbortSignal): Promise<AlertDetail> {
  return answer(client.GET('/api/v1/alerts/{id}', { params: { path: { id } }, signal }));
}

export function evidenceQuery(id: string) {
  return queryOptions({
    queryKey: ['evidence', id],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/alerts/{id}/evidence', { params: { path: { id } }, signal })),
    refetchInterval: EVIDENCE_EVERY_MS,
  });
}

/** Who may see the customer; "" = everybody. */
export function assigneesQuery(customer: string) {
  return queryOptions({
    queryKey: ['assignees', customer],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/alerts/assignees', { params: { query: { customer: customer || undefined } }, signal })),
  });
}

/** As many alerts as one request may be about. */
export const ALERTS_AT_ONCE = 1000;

/** Something to be done about alerts. A snooze until `null` lasts until the alert changes. */
export type AlertWork =
  | { kind: 'snooze'; until: number | null }
  | { kind: 'resolve' }
  | { kind: 'reopen' }
  | { kind: 'assign'; technician: string | null }
  | { kind: 'ticket'; ticket: string }
  | { kind: 'note'; text: string };

/** Told with the versions that were seen: what somebody changed since stays as it is. A note takes nothing away. */
export function workOnAlerts(seen: readonly AlertRow[], work: AlertWork): Promise<AlertOutcomes> {
  const ids = seen.map(({ id }) => id);
  const alerts = { ids, versions: Object.fromEntries(seen.map(({ id, version }) => [id, version])) };
  switch (work.kind) {
    case 'snooze':
      return answer(client.POST('/api/v1/alerts/snooze', { body: { alerts, until_ms: work.until } }));
    case 'resolve':
      return answer(client.POST('/api/v1/alerts/resolve', { body: { alerts } }));
    case 'reopen':
      return answer(client.POST('/api/v1/alerts/reopen', { body: { alerts } }));
    case 'assign':
      return answer(client.POST('/api/v1/alerts/assign', { body: { alerts, technician_id: work.technician } }));
    case 'ticket':
      return answer(client.POST('/api/v1/alerts/ticket', { body: { alerts, ticket: work.ticket } }));
    case 'note':
      return answer(client.POST('/api/v1/alerts/notes', { body: { alerts: { ids, versions: null }, text: work.text } }));
  }
}

export function viewsQuery(list: ListName) {
  return queryOptions({
    queryKey: ['views', list],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/views', { params: { query: { list } }, signal })),
  });
}

/** A new view where `id` is undefined. */
export function saveView(id: string | undefined, wish: ViewWish): Promise<SavedView> {
  if (id === undefined) return answer(client.POST('/api/v1/views', { body: wish }));
  return answer(client.PUT('/api/v1/views/{id}', { params: { path: { id } }, body: wish }));
}

export async function deleteView(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/views/{id}', { params: { path: { id } } }));
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

export function editDevice(id: string, body: DeviceEdit): Promise<DeviceRow> {
  return answer(client.PUT('/api/v1/devices/{id}', { params: { path: { id } }, body }));
}

export async function starDevice(id: string, starred: boolean): Promise<void> {
  const params = { path: { id } };
  if (starred) await answer(client.PUT('/api/v1/devices/{id}/favourite', { params }));
  else await answer(client.DELETE('/api/v1/devices/{id}/favourite', { params }));
}

/** What one request may name. */
const BULK_DEVICES = 1000;
const PURGED_DEVICES = 100;

function portions(ids: readonly string[], most: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / most) }, (_, place) => ids.slice(place * most, (place + 1) * most));
}

/** One request after the other; what the first ones did stays where a later one fails. */
async function inPortions(ids: readonly string[], send: (some: string[]) => Promise<BulkAnswer>): Promise<BulkAnswer> {
  const all: BulkAnswer = { items: [], done: 0 };
  for (const some of portions(ids, BULK_DEVICES)) {
    const { items, done } = await send(some);
    all.items.push(...items);
    all.done += done;
  }
  return all;
}

export function moveDevices(ids: readonly string[], customer: string, folder: string | null): Promise<BulkAnswer> {
  return inPortions(ids, (some) =>
    answer(client.POST('/api/v1/devices/move', { body: { ids: some, customer_id: customer, folder_id: folder } })),
  );
}

export function monitorDevices(ids: readonly string[], monitored: boolean): Promise<BulkAnswer> {
  return inPortions(ids, (some) => answer(client.POST('/api/v1/devices/monitor', { body: { ids: some, monitored } })));
}

export function retireDevices(ids: readonly string[]): Promise<BulkAnswer> {
  return inPortions(ids, (some) => answer(client.POST('/api/v1/devices/retire', { body: { ids: some } })));
}

export function restoreDevices(ids: readonly string[]): Promise<BulkAnswer> {
  return inPortions(ids, (some) => answer(client.POST('/api/v1/devices/restore', { body: { ids: some } })));
}

export async function purgeDevices(ids: readonly string[], dryRun: boolean): Promise<PurgeAnswer> {
  const all: PurgeAnswer = { dry_run: dryRun, items: [] };
  for (const some of portions(ids, PURGED_DEVICES)) {
    const { items } = await answer(client.POST('/api/v1/devices/purge', { body: { ids: some, dry_run: dryRun } }));
    all.items.push(...items);
  }
  return all;
}

export function lossQuery(ids: readonly string[]) {
  return queryOptions({ queryKey: ['loss', ids], queryFn: () => purgeDevices(ids, true), gcTime: 0 });
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

/** What changed, happened and was done, newest first, page by page. */
export function historyQuery(device: string, { kind = [], probe = [], event = [] }: HistorySearch) {
  return infiniteQueryOptions({
    queryKey: ['device', device, 'history', kind, probe, event],
    queryFn: ({ pageParam, signal }) => {
      const chosen = { kind: listed(kind), probe: listed(probe), event: listed(event) };
      const params = { path: { id: device }, query: { ...chosen, limit: 200, before: pageParam || undefined } };
      return answer(client.GET('/api/v1/devices/{id}/timeline', { params, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next || undefined,
    placeholderData: keepPreviousData,
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
