import type { CustomerDetails, CustomerRow } from '../../api/types';
import { stamp } from '../../format/time';
import { integer } from '../../format/units';

/** What stands in the place of a count of what one may not read. */
export const HIDDEN = '–';
export const HIDDEN_WHY = 'You may not read what is counted here';

function count(value: number | null): string {
  return value === null ? HIDDEN : integer(value);
}

/** The fields of a customer that can stand above its page, by the API's names. */
const FIELDS: Record<string, { label: string; value: (details: CustomerDetails, row: CustomerRow) => string }> = {
  rank: { label: 'Rank', value: ({ rank }) => rank },
  phone: { label: 'Phone', value: ({ phone }) => phone },
  address: { label: 'Address', value: ({ address }) => address },
  postal_code: { label: 'Postal code', value: ({ postal_code: code }) => code },
  fax: { label: 'Fax', value: ({ fax }) => fax },
  domains: { label: 'Domains', value: ({ domains }) => domains.join(', ') },
  website: { label: 'Website', value: ({ website }) => website },
  business_id: { label: 'Business ID', value: ({ business_id: id }) => id },
  created: { label: 'Created', value: ({ created_ms: at }) => stamp(at) },
  modified: { label: 'Modified', value: ({ modified_ms: at }) => stamp(at) },
  devices: { label: 'Devices', value: (_, { devices }) => count(devices) },
  online: { label: 'Online', value: (_, { online }) => count(online) },
  alerts: {
    label: 'Open alerts',
    value: (_, { alerts }) => count(alerts && alerts.critical + alerts.warning + alerts.information),
  },
  patches: { label: 'Available patches', value: (_, { patches }) => count(patches) },
};

const CUSTOM = 'custom:';

export const LEAST_PINNED = 3;
export const MOST_PINNED = 6;

export interface Field {
  id: string;
  label: string;
}

/** Every field that may be pinned: those that all customers have, and this one's own. */
export function pinnable(details: CustomerDetails): Field[] {
  return [
    ...Object.entries(FIELDS).map(([id, { label }]) => ({ id, label })),
    ...details.custom_fields.map(({ name }) => ({ id: CUSTOM + name, label: name })),
  ];
}

export function fieldLabel(id: string): string {
  if (id.startsWith(CUSTOM)) return id.slice(CUSTOM.length);
  return Object.hasOwn(FIELDS, id) ? (FIELDS[id]?.label ?? id) : id;
}

/** What stands in the field; '' where nobody has written anything. */
export function fieldValue(id: string, details: CustomerDetails, row: CustomerRow): string {
  if (id.startsWith(CUSTOM)) {
    const name = id.slice(CUSTOM.length);
    return details.custom_fields.find((field) => field.name === name)?.value ?? '';
  }
  return Object.hasOwn(FIELDS, id) ? (FIELDS[id]?.value(details, row) ?? '') : '';
}
