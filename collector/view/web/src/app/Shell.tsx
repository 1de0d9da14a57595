import { Link, Outlet } from '@tanstack/react-router';
import { Keyboard } from '../keyboard/Keyboard';
import { LiveBanner } from '../live/LiveBanner';
import { LiveDot } from '../live/LiveDot';
import { useLiveState } from '../live/LiveProvider';
import { Logo } from '../parts/Logo';
import { ColourSchemeButton } from './ColourSchemeButton';
import classes from './Shell.module.css';
import { useMay } from './useMay';
import { UserMenu } from './UserMenu';

/** The bar above every page, and the page. */
export function Shell() {
  const live = useLiveState();
  const seesDevices = useMay('devices.read');
  const seesAlerts = useMay('alerts.read');
  const seesUpdates = useMay('updates.read');
  return (
    <div className={classes.shell} data-live={live.kind}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.bar}>
        <Link to="/" className={classes.home} aria-label="Rollcall: customers">
          <Logo />
        </Link>
        <nav aria-label="Main" className={classes.nav}>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            Customers
          </Link>
          {seesDevices && (
            <Link to="/devices" activeOptions={{ exact: true, includeSearch: false }}>
              Devices
            </Link>
          )}
          {seesAlerts && (
            <Link to="/alerts" activeOptions={{ includeSearch: false }}>
              Alerts
            </Link>
          )}
          {seesUpdates && (
            <Link to="/updates" activeOptions={{ includeSearch: false }}>
              Updates
            </Link>
          )}
        </nav>
        <span className={classes.gap} />
        <LiveDot />
        <ColourSchemeButton />
        <UserMenu />
      </header>
      <LiveBanner />
      <main id="content" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Keyboard />
    </div>
  );
}
