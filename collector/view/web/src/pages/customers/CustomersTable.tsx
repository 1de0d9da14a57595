import { starCustomer } from '../../api/requests';
import type { CustomerRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { integer } from '../../format/units';
import { RowLink } from '../../parts/RowLink';
import { StarButton } from '../../parts/StarButton';
import { nextSort } from '../../state/url';
import { SortHeader } from '../../table/SortHeader';
import { AlertCountLinks } from '../devices/AlertCountLinks';
import classes from './customers.module.css';
import { HIDDEN, HIDDEN_WHY } from './fields';

interface Head {
  id: string;
  label: string;
  meaning?: string;
  sort: string;
  /** What is counted: for who may read that. */
  counts?: 'devices' | 'alerts';
}

const HEADS: Head[] = [
  { id: 'name', label: 'Customer', sort: 'name' },
  { id: 'rank', label: 'Rank', meaning: 'A matters most', sort: 'rank' },
  { id: 'devices', label: 'Devices', sort: 'devices', counts: 'devices' },
  { id: 'online', label: 'Online', sort: 'online', counts: 'devices' },
  { id: 'alerts', label: 'Open alerts', meaning: 'Critical, warning, information', sort: 'alerts', counts: 'alerts' },
  { id: 'pending_reboots', label: 'Pending reboots', sort: 'pending_reboots', counts: 'devices' },
  {
    id: 'patches',
    label: 'Available patches',
    meaning: 'Sum over its devices, of those that know',
    sort: 'patches',
    counts: 'devices',
  },
];

/** Unknown is not zero: who may not read what is counted sees that there is something. */
function HiddenCount() {
  return (
    <span className={classes.none} data-tip={HIDDEN_WHY} tabIndex={0} aria-label={HIDDEN_WHY} role="note">
      {HIDDEN}
    </span>
  );
}

function count(value: number | null) {
  return value === null ? <HiddenCount /> : integer(value);
}

interface CustomersTableProps {
  customers: CustomerRow[];
  sort: string;
  onSort: (sort: string) => void;
}

export function CustomersTable({ customers, sort, onSort }: CustomersTableProps) {
  const seesDevices = useMay('devices.read');
  const seesAlerts = useMay('alerts.read') || seesDevices;
  const maySortBy = (head: Head) => head.counts === undefined || (head.counts === 'alerts' ? seesAlerts : seesDevices);
  return (
    <div className={classes.scroller} role="region" aria-label="Customers" tabIndex={0}>
      <table className={classes.table} aria-label="Customers">
        <thead>
          <tr>
            {HEADS.map((head) => (
              <SortHeader
                key={head.id}
                column={head}
                sort={sort}
                onSort={maySortBy(head) ? (key) => onSort(nextSort(sort, key)) : undefined}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.id}>
              <td>
                <span className={classes.nameCell}>
                  <StarButton
                    name={customer.name}
                    starred={customer.favourite}
                    onChange={(starred) => starCustomer(customer.id, starred)}
                    touches={['customers']}
                  />
                  <RowLink href={`/customers/${customer.id}/devices`} className={classes.name}>
                    {customer.name}
                  </RowLink>
                </span>
              </td>
              <td>{customer.rank || <span className={classes.none}>none</span>}</td>
              <td>{count(customer.devices)}</td>
              <td>{count(customer.online)}</td>
              <td>
                {customer.alerts ? <AlertCountLinks counts={customer.alerts} customer={customer.id} /> : <HiddenCount />}
              </td>
              <td>{count(customer.pending_reboots)}</td>
              <td>{count(customer.patches)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
