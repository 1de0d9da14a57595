import type { FolderName } from '../../api/types';
import { counted } from '../../format/words';

/** Of what a technician or a token is limited to. */
export interface Limit {
  all: boolean;
  /** Ids. */
  customers: string[];
  /** Of customers that are not chosen as a whole; what lies in them is meant, too. */
  folders: FolderName[];
}

/** As requests say it. */
export function wishOf({ all, customers, folders }: Limit) {
  return {
    all_customers: all,
    customers: all ? [] : customers,
    folders: all ? [] : folders.map(({ id }) => id),
  };
}

/** `Acme / Berlin / 2nd floor`. */
export function folderLabel({ customer_name: customer, path }: FolderName): string {
  return `${customer} / ${path}`;
}

/** Those chosen first, so that they can be taken out without searching for them; then what was found. */
export function folderOptions(chosen: FolderName[], found: FolderName[]): FolderName[] {
  return [...chosen, ...found.filter(({ id }) => !chosen.some((one) => one.id === id))];
}

/** `2 customers, 1 folder`; what all is called says the caller. */
export function limitWords(
  limit: { all_customers: boolean; customers: string[]; folders: FolderName[] },
  all: string,
): string {
  if (limit.all_customers) return all;
  const customers = counted(limit.customers.length, 'customer');
  if (limit.folders.length === 0) return limit.customers.length === 0 ? 'nothing' : customers;
  const folders = counted(limit.folders.length, 'folder');
  return limit.customers.length === 0 ? folders : `${customers}, ${folders}`;
}
