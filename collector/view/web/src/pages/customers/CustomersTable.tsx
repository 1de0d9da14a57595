import { Link } from '@tanstack/react-router';
import { starCustomer } from '../../api/requests';
import type { CustomerRow } from '../../api/types';
import { integer } from '../../format/units';
import { StarButton } from '../../parts/StarButton';
import { nextSort } from '../../state/url';
import { SortHeader } from '../../table/SortHeader';
import { AlertCountLinks } from '../devices/AlertCountLinks';
import classes from './customers.module.css';

const HEADS = [
  { id: 'name', label: 'Customer', sort: 'name' },
  { id: 'rank', label: 'Rank', meaning: 'A matters most', sort: 'rank' },
  { id: 'devices', label: 'Devices', sort: 'devices' },
  { id: 'online', label: 'Online', sort: 'online' },
  { id: 'alerts', label: 'Open alerts', meaning: 'Critical, warning, information', sort: 'alerts' },
  { id: 'pending_reboots', label: 'Pending reboots', sort: 'pending_reboots' },
  { id: 'patches', label: 'Available patches', meaning: 'Sum over its devices, of those that know', sort: 'patches' },
];

interface CustomersTableProps {
  customers: CustomerRow[];
  sort: string;
  onSort: (sort: string) => void;
}

export function CustomersTable({ customers, sort, onSort }: CustomersTableProps) {
  return (
    <div className={classes.scroller} role="region" aria-label="Customers" tabIndex={0}>
      <table className={classes.table} aria-label="Customers">
        <thead>
          <tr>
            {HEADS.map((head) => (
              <SortHeader key={head.id} column={head} sort={sort} onSort={(key) => onSort(nextSort(sort, key))} />
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
                  <Link
                    to="/customers/$customerId/devices"
                    params={{ customerId: customer.id }}
                    className={classes.name}
                  >
                    {customer.name}
                  </Link>
                </span>
              </td>
              <td>{customer.rank || <span className={classes.none}>none</span>}</td>
              <td>{integer(customer.devices)}</td>
              <td>{integer(customer.online)}</td>
              <td>
                <AlertCountLinks counts={customer.alerts} customer={customer.id} />
              </td>
              <td>{integer(customer.pending_reboots)}</td>
              <td>{integer(customer.patches)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
