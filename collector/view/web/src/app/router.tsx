import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { CustomerPage } from '../pages/customers/CustomerPage';
import { CustomersPage } from '../pages/customers/CustomersPage';
import { DevicesPage } from '../pages/devices/DevicesPage';
import { DevicesTab } from '../pages/devices/DevicesTab';
import { readAlertSearch } from '../state/alertSearch';
import { readChartRange, type ChartRange } from '../state/chartRange';
import { readCustomerSearch } from '../state/customerSearch';
import { readDeviceSearch } from '../state/deviceSearch';
import { readHistorySearch, type HistorySearch } from '../state/historySearch';
import { readUpdateSearch } from '../state/updateSearch';
import { flag, parseSearch, stringifySearch, text, words, type RawSearch } from '../state/url';
import { CONTACT_STATUSES, type ContactStatus } from '../state/vocabulary';
import { NotFound, PageFailed } from './Fallbacks';
import { Shell } from './Shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed });

const customers = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: CustomersPage,
  validateSearch: readCustomerSearch,
});

const customer = createRoute({
  getParentRoute: () => root,
  path: '/customers/$customerId',
  component: CustomerPage,
});

const customerHome = createRoute({
  getParentRoute: () => customer,
  path: '/',
  beforeLoad: ({ params }) => {
    // The router's own way to go elsewhere while a route loads.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/customers/$customerId/devices', params, replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => customer,
  path: '/overview',
  component: lazyRouteComponent(() => import('../pages/customers/OverviewTab'), 'OverviewTab'),
});

const contacts = createRoute({
  getParentRoute: () => customer,
  path: '/contacts',
  component: lazyRouteComponent(() => import('../pages/contacts/ContactsTab'), 'ContactsTab'),
  validateSearch: (raw: RawSearch): { search?: string; status?: ContactStatus[] } => ({
    search: text(raw, 'search'),
    status: words(raw, 'status', CONTACT_STATUSES),
  }),
});

const devices = createRoute({
  getParentRoute: () => customer,
  path: '/devices',
  component: DevicesTab,
  validateSearch: readDeviceSearch,
});

const alerts = createRoute({
  getParentRoute: () => customer,
  path: '/alerts',
  component: lazyRouteComponent(() => import('../pages/alerts/AlertsTab'), 'AlertsTab'),
  validateSearch: readAlertSearch,
});

const customerUpdates = createRoute({
  getParentRoute: () => customer,
  path: '/updates',
  component: lazyRouteComponent(() => import('../pages/updates/CustomerUpdatesTab'), 'CustomerUpdatesTab'),
  validateSearch: readUpdateSearch,
});

const allDevices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: DevicesPage,
  validateSearch: readDeviceSearch,
});

const allAlerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  component: lazyRouteComponent(() => import('../pages/alerts/AlertsPage'), 'AlertsPage'),
  validateSearch: readAlertSearch,
});

const updates = createRoute({
  getParentRoute: () => root,
  path: '/updates',
  component: lazyRouteComponent(() => import('../pages/updates/UpdatesPage'), 'UpdatesPage'),
  validateSearch: readUpdateSearch,
});

const device = createRoute({
  getParentRoute: () => root,
  path: '/devices/$deviceId',
  component: lazyRouteComponent(() => import('../pages/device/DevicePage'), 'DevicePage'),
  validateSearch: (raw: RawSearch): HistorySearch & { section?: string; search?: string; range?: ChartRange } => ({
    section: text(raw, 'section'),
    search: text(raw, 'search'),
    range: readChartRange(raw),
    ...readHistorySearch(raw),
  }),
});

/** Rarely looked at: fetched when somebody goes there. */
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/settings'), 'SettingsPage'),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/settings/security', replace: true });
  },
});

const settingsSecurity = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('../pages/settings'), 'SecurityTab'),
});

const settingsSessions = createRoute({
  getParentRoute: () => settings,
  path: '/sessions',
  component: lazyRouteComponent(() => import('../pages/settings'), 'SessionsTab'),
});

const settingsTokens = createRoute({
  getParentRoute: () => settings,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../pages/settings'), 'TokensTab'),
});

const settingsTechnicians = createRoute({
  getParentRoute: () => settings,
  path: '/technicians',
  component: lazyRouteComponent(() => import('../pages/settings'), 'TechniciansTab'),
});

const settingsRoles = createRoute({
  getParentRoute: () => settings,
  path: '/roles',
  component: lazyRouteComponent(() => import('../pages/settings'), 'RolesTab'),
});

const settingsAudit = createRoute({
  getParentRoute: () => settings,
  path: '/audit',
  component: lazyRouteComponent(() => import('../pages/settings'), 'AuditTab'),
  validateSearch: (raw: RawSearch): { search?: string; refused?: true } => ({
    search: text(raw, 'search'),
    refused: flag(raw, 'refused'),
  }),
});

export const router = createRouter({
  routeTree: root.addChildren([
    customers,
    customer.addChildren([customerHome, overview, devices, alerts, contacts, customerUpdates]),
    allDevices,
    allAlerts,
    updates,
    device,
    settings.addChildren([
      settingsHome,
      settingsSecurity,
      settingsSessions,
      settingsTokens,
      settingsTechnicians,
      settingsRoles,
      settingsAudit,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
