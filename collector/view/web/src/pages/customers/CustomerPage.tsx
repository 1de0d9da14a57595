import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { customerQuery, starCustomer } from '../../api/requests';
import { useMay } from '../../app/useMay';
import { integer } from '../../format/units';
import { IconPlus } from '../../parts/icons';
import { ProblemNotice } from '../../parts/Notice';
import { StarButton } from '../../parts/StarButton';
import classes from './customers.module.css';
import { CustomerTab } from './CustomerTab';
import { PinnedStrip } from './PinnedStrip';
import { Loading } from '../../parts/Loading';

const AddDeviceDialog = lazy(async () => ({ default: (await import('../enrol/AddDeviceDialog')).AddDeviceDialog }));

const route = getRouteApi('/customers/$customerId');

/** One customer: its name, its tabs, and the tab that is chosen. */
export function CustomerPage() {
  const { customerId } = route.useParams();
  const { data: customer, error, refetch } = useQuery(customerQuery(customerId));
  const [adding, setAdding] = useState(false);
  const mayEnrol = useMay('devices.enrol');
  const seesDevices = useMay('devices.read');
  const seesAlerts = useMay('alerts.read');
  const seesUpdates = useMay('updates.read');

  if (error && !customer) {
    return (
      <div className={classes.page}>
        <ProblemNotice error={error} retry={() => void refetch()} />
        <Link to="/">Back to the customers</Link>
      </div>
    );
  }
  // Who sees some of its folders only is not told what is of the customer as a whole.
  const whole = customer && !customer.partial;
  const alerts = customer?.alerts && customer.alerts.information + customer.alerts.warning + customer.alerts.critical;
  return (
    <div className={`${classes.page} ${classes.full}`}>
      <div className={classes.head}>
        <div className={classes.titles}>
          <nav aria-label="Breadcrumb" className={classes.crumb}>
            <Link to="/">Customers</Link>
          </nav>
          <div className={classes.nameCell}>
            <h1>{customer ? customer.name : <Loading label="customer" height={22} width={220} />}</h1>
            {customer && (
              <StarButton
                name={customer.name}
                starred={customer.favourite}
                onChange={(starred) => starCustomer(customerId, starred)}
                touches={['customers']}
              />
            )}
          </div>
        </div>
        {mayEnrol && whole && (
          <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
            Add device
          </Button>
        )}
      </div>
      {whole && <PinnedStrip customer={customer} />}
      <div role="tablist" aria-label="Customer" className={classes.tabs}>
        {!customer?.partial && (
          <CustomerTab to="/customers/$customerId/overview" customerId={customerId}>
            Overview
          </CustomerTab>
        )}
        {seesDevices && (
          <CustomerTab to="/customers/$customerId/devices" customerId={customerId} count={typeof customer?.devices === 'number' ? integer(customer.devices) : undefined}>
            Devices
          </CustomerTab>
        )}
        {seesAlerts && (
          <CustomerTab
            to="/customers/$customerId/alerts"
            customerId={customerId}
            count={typeof alerts === 'number' ? integer(alerts) : undefined}
          >
            Alerts
          </CustomerTab>
        )}
        {!customer?.partial && (
          <CustomerTab to="/customers/$customerId/contacts" customerId={customerId}>
            Contacts
          </CustomerTab>
        )}
        {seesUpdates && (
          <CustomerTab to="/customers/$customerId/updates" customerId={customerId}>
            Updates
          </CustomerTab>
        )}
      </div>
      <Outlet />
      {adding && (
        <Suspense fallback={null}>
          <AddDeviceDialog customerId={customerId} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </div>
  );
}
