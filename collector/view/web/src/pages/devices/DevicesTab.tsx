import { getRouteApi } from '@tanstack/react-router';
import { useTitle } from '../../app/useTitle';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { DeviceList } from './DeviceList';

const route = getRouteApi('/customers/$customerId/devices');

/** The devices of one customer. */
export function DevicesTab() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Devices', useCustomerName(customerId));
  return (
    <TabPanel tab="devices">
      <DeviceList customerId={customerId} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </TabPanel>
  );
}
