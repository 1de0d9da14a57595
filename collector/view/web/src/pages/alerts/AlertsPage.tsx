import { getRouteApi } from '@tanstack/react-router';
import { useTitle } from '../../app/useTitle';
import classes from '../lists/lists.module.css';
import { AlertList } from './AlertsTab';

const route = getRouteApi('/alerts');

/** The alerts of all customers that one may see. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Alerts');
  return (
    <div className={classes.page}>
      <h1>Alerts</h1>
      <AlertList search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </div>
  );
}
