import { getRouteApi } from '@tanstack/react-router';
import { useTitle } from '../../app/useTitle';
import classes from '../lists/lists.module.css';
import { DeviceList } from './DeviceList';

const route = getRouteApi('/devices');

/** The devices of all customers that one may see. */
export function DevicesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Devices');
  return (
    <div className={classes.page}>
      <h1>Devices</h1>
      <DeviceList search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </div>
  );
}
