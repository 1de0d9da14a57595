import { deviceIds } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import type { DeviceFilter } from '../../state/deviceSearch';

const RETIRED = 'retired';

/** A device that is selected: its row, or of one that was not in sight what the question for all of them tells. */
export type ChosenDevice = Pick<DeviceRow, 'id'> & {
  [Field in 'name' | 'customer_id' | 'revoked']?: DeviceRow[Field] | undefined;
};

/** Every device that the filter finds, of one customer or of all, without reading each. */
export async function chooseAll(customer: string | undefined, filter: DeviceFilter): Promise<ChosenDevice[]> {
  const revoked = areRetired(filter.availability);
  return (await deviceIds(customer, filter)).map((id) => ({ id, customer_id: customer, revoked }));
}

/** Lists leave retired devices out unless they are asked for; undefined: some may be. */
export function areRetired(availability: readonly string[]): boolean | undefined {
  if (!availability.includes(RETIRED)) return false;
  return availability.length === 1 ? true : undefined;
}
