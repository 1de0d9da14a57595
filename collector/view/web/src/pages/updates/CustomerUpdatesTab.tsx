import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { customerQuery } from '../../api/requests';
import { useTitle } from '../../app/useTitle';
import { TabPanel } from '../customers/TabPanel';
import { DeviceUpdates } from './DeviceUpdates';
import { PolicyCard } from './PolicyCard';
import classes from './updates.module.css';

const route = getRouteApi('/customers/$customerId/updates');

/** What is said about updates for a customer, and which version each of its devices runs. */
export function CustomerUpdatesTab() {
  const { customerId } = route.useParams();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data: customer } = useQuery(customerQuery(customerId));
  useTitle('Updates', customer?.name);
  return (
    <TabPanel tab="updates">
      <div className={classes.tab}>
        {customer && !customer.partial && (
          <PolicyCard owner={{ level: 'customer', id: customerId }} title="For this customer" />
        )}
        <DeviceUpdates
          customer={customerId}
          filter={filter}
          onFilter={(search) => void navigate({ search, replace: true })}
        />
      </div>
    </TabPanel>
  );
}
