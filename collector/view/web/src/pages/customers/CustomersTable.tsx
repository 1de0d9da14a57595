import { Link } from '@tanstack/react-router';
import type { CustomerRow } from '../../api/types';
import { integer } from '../../format/units';
import { AlertCountLinks } from '../devices/AlertCountLinks';
import classes from './customers.module.css';

export function CustomersTable({ customers }: { customers: CustomerRow[] }) {
  return (
    <div className={classes.scroller} role="region" aria-label="Customers" tabIndex={0}>
      <table className={classes.table} aria-label="Customers">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">Devices</th>
            <th scope="col">Online</th>
            <th scope="col">Open alerts</th>
            <th scope="col">Pending reboots</th>
            <th scope="col" data-tip="Sum over its devices, of those that know">
              Available patches
            </th>
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.id}>
              <td>
                <Link to="/customers/$customerId/devices" params={{ customerId: customer.id }} className={classes.name}>
                  {customer.name}
                </Link>
              </td>
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
