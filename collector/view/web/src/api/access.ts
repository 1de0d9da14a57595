/** The routes of technicians, roles, one's own account and the audit log, and the keys of their answers. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, client } from './client';
import { keepSession } from './requests';
import type { NewApiToken, NewTechnician, RoleChange, Session, TechnicianChange } from './types';

// --- one's own account -----------------------------------------------------------------------------------------------

export async function enterCode(code: string): Promise<Session> {
  return keepSession(await answer(client.POST('/api/v1/session/code', { body: { code } })));
}

export const securityQuery = queryOptions({
  queryKey: ['account', 'security'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/session/security', { signal })),
});

export function offerTotp(code: string) {
  return answer(client.POST('/api/v1/session/totp', { body: { code } }));
}

export function confirmTotp(code: string) {
  return answer(client.POST('/api/v1/session/totp/confirm', { body: { code } }));
}

export async function removeTotp(code: string): Promise<void> {
  await answer(client.POST('/api/v1/session/totp/remove', { body: { code } }));
}

export function renewRecoveryCodes(code: string) {
  return answer(client.POST('/api/v1/session/recovery-codes', { body: { code } }));
}

export const sessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/session/sessions', { signal })),
});

export async function endSession(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/session/sessions/{id}', { params: { path: { id } } }));
}

export const apiTokensQuery = queryOptions({
  queryKey: ['account', 'tokens'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/session/tokens', { signal })),
});

export function addApiToken(body: NewApiToken) {
  return answer(client.POST('/api/v1/session/tokens', { body }));
}

export async function removeApiToken(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/session/tokens/{id}', { params: { path: { id } } }));
}

// --- technicians and roles -------------------------------------------------------------------------------------------

/** Folders of all customers, by name: those that somebody may be limited to. */
export function folderNamesQuery(search: string) {
  return queryOptions({
    queryKey: ['customers', 'folder-names', search],
    queryFn: ({ signal }) => {
      const query = { search: search || undefined };
      return answer(client.GET('/api/v1/folders', { params: { query }, signal }));
    },
  });
}

export const techniciansQuery = queryOptions({
  queryKey: ['technicians'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/technicians', { signal })),
});

export function addTechnician(body: NewTechnician) {
  return answer(client.POST('/api/v1/technicians', { body }));
}

export function changeTechnician(id: string, body: TechnicianChange) {
  return answer(client.PUT('/api/v1/technicians/{id}', { params: { path: { id } }, body }));
}

export function resetTechnician(id: string) {
  return answer(client.POST('/api/v1/technicians/{id}/reset-password', { params: { path: { id } } }));
}

export async function removeTechniciansTotp(id: string): Promise<void> {
  await answer(client.POST('/api/v1/technicians/{id}/remove-totp', { params: { path: { id } } }));
}

export async function endTechniciansSessions(id: string): Promise<void> {
  await answer(client.POST('/api/v1/technicians/{id}/end-sessions', { params: { path: { id } } }));
}

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => answer(client.GET('/api/v1/roles', { signal })),
});

export function saveRole(id: string | null, body: RoleChange) {
  if (id === null) return answer(client.POST('/api/v1/roles', { body }));
  return answer(client.PUT('/api/v1/roles/{id}', { params: { path: { id } }, body }));
}

export async function removeRole(id: string): Promise<void> {
  await answer(client.DELETE('/api/v1/roles/{id}', { params: { path: { id } } }));
}

// --- audit log -------------------------------------------------------------------------------------------------------

export interface AuditFilter {
  search?: string;
  refused?: true;
}

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        search: filter.search,
        refused: filter.refused ? 'true' : undefined,
        before: pageParam || undefined,
        limit: 100,
      };
      return answer(client.GET('/api/v1/audit', { params: { query }, signal }));
    },
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next || undefined,
  });
}
