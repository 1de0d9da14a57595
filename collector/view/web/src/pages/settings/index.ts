/** One chunk, fetched when somebody opens the settings. */
export { AuditTab } from './AuditTab';
export { RolesTab } from './RolesTab';
export { SecurityTab } from './SecurityTab';
export { SessionsTab } from './SessionsTab';
export { SettingsPage } from './SettingsPage';
export { TechniciansTab } from './TechniciansTab';
export { TokensTab } from './TokensTab';
