import { expect, it } from 'vitest';
import type { CustomerDetails, CustomerRow } from '../../api/types';
import { HIDDEN, fieldLabel, fieldValue, pinnable } from './fields';

const details = {
  rank: 'A',
  domains: ['a.example', 'b.example'],
  custom_fields: [{ name: 'Door code', value: '1234' }],
} as CustomerDetails;
const row = { devices: 1204, alerts: { critical: 1, warning: 2, information: 3 } } as CustomerRow;

it('reads what all customers have, what one has of its own, and nothing of what is not there', () => {
  expect(fieldValue('domains', details, row)).toBe('a.example, b.example');
  expect(fieldValue('alerts', details, row)).toBe('6');
  expect(fieldValue('custom:Door code', details, row)).toBe('1234');
  expect(fieldValue('custom:Shoe size', details, row)).toBe('');
  expect(fieldValue('constructor', details, row)).toBe('');
});

it('says nothing of counts that are not for who asks', () => {
  const hidden = { devices: null, online: null, patches: null, alerts: null } as CustomerRow;
  for (const id of ['devices', 'online', 'patches', 'alerts']) expect(fieldValue(id, details, hidden)).toBe(HIDDEN);
});

it('names them', () => {
  expect(fieldLabel('business_id')).toBe('Business ID');
  expect(fieldLabel('custom:Door code')).toBe('Door code');
  expect(fieldLabel('constructor')).toBe('constructor');
  expect(pinnable(details).map(({ id }) => id)).toContain('custom:Door code');
});
