import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/requests';

/** May the technician do this? What he may not is not shown; the collector refuses it anyhow. */
export function useMay(permission: string): boolean {
  const { data: session } = useQuery(sessionQuery);
  return session?.permissions.includes(permission) ?? false;
}
