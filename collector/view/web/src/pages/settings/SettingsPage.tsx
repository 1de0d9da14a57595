import { Link, Outlet } from '@tanstack/react-router';
import { useMay } from '../../app/useMay';
import classes from './settings.module.css';

/** One's own account, and for who may: technicians, roles and what they did. */
export function SettingsPage() {
  const seesAccess = useMay('access.read');
  const seesAudit = useMay('audit.read');
  return (
    <div className={classes.page}>
      <h1>Settings</h1>
      <nav aria-label="Settings" className={classes.tabs}>
        <Link to="/settings/security">My security</Link>
        <Link to="/settings/sessions">My sessions</Link>
        <Link to="/settings/tokens">My tokens</Link>
        {seesAccess && <Link to="/settings/technicians">Technicians</Link>}
        {seesAccess && <Link to="/settings/roles">Roles</Link>}
        {seesAudit && (
          <Link to="/settings/audit" activeOptions={{ includeSearch: false }}>
            Audit log
          </Link>
        )}
      </nav>
      <Outlet />
    </div>
  );
}
