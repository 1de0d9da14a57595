import { getRouteApi } from '@tanstack/react-router';
import { useTitle } from '../../app/useTitle';
import { DeviceUpdates } from './DeviceUpdates';
import { PolicyCard } from './PolicyCard';
import { Releases } from './Releases';
import classes from './updates.module.css';

const route = getRouteApi('/updates');

/** Updates of the agents themselves: what there is, what is said about it, who runs what. */
export function UpdatesPage() {
  useTitle('Updates');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={classes.page}>
      <h1>Updates</h1>
      <PolicyCard owner={{ level: 'collector' }} title="For all devices" />
      <Releases />
      <DeviceUpdates filter={filter} onFilter={(search) => void navigate({ search, replace: true })} />
    </div>
  );
}
