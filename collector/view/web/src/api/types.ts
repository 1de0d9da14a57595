import type { components } from './schema';

type Schemas = components['schemas'];

export type AlertCounts = Schemas['AlertCounts'];
export type AlertList = Schemas['AlertList'];
export type AlertRow = Schemas['AlertRow'];
export type ApiTokenMade = Schemas['ApiTokenMade'];
export type ApiTokenRow = Schemas['ApiTokenRow'];
export type AuditRow = Schemas['AuditRow'];
export type BrokenRelease = Schemas['BrokenRelease'];
export type Catalogue = Schemas['Catalogue'];
export type Changed = Schemas['Changed'];
export type ColumnInfo = Schemas['ColumnInfo'];
export type Curve = Schemas['Curve'];
export type CustomerRow = Schemas['CustomerRow'];
export type DeviceList = Schemas['DeviceList'];
export type DeviceRow = Schemas['DeviceRow'];
export type DeviceUpdate = Schemas['DeviceUpdate'];
export type EffectiveUpdatePolicy = Schemas['EffectiveUpdatePolicy'];
export type EventRow = Schemas['EventRow'];
export type GapNote = Schemas['GapNote'];
export type HeldBack = Schemas['HeldBack'];
export type InstallLine = Schemas['InstallLine'];
export type NewApiToken = Schemas['NewApiToken'];
export type NewTechnician = Schemas['NewTechnician'];
export type PermissionRow = Schemas['PermissionRow'];
export type ProbeInfo = Schemas['ProbeInfo'];
export type ProbeRow = Schemas['ProbeRow'];
export type ProbeTable = Schemas['ProbeTable'];
export type Problem = Schemas['Problem'];
export type RebootReason = Schemas['RebootReason'];
export type ReleaseList = Schemas['ReleaseList'];
export type ReleaseRow = Schemas['ReleaseRow'];
export type RoleChange = Schemas['RoleChange'];
export type RoleRow = Schemas['RoleRow'];
export type SeriesAnswer = Schemas['SeriesAnswer'];
export type Session = Schemas['Session'];
export type SessionRow = Schemas['SessionRow'];
export type TechnicianChange = Schemas['TechnicianChange'];
export type TechnicianMade = Schemas['TechnicianMade'];
export type TechnicianRow = Schemas['TechnicianRow'];
export type ThresholdItem = Schemas['ThresholdItem'];
export type TimelineEntry = Schemas['TimelineEntry'];
export type TokenMade = Schemas['TokenMade'];
export type TokenRow = Schemas['TokenRow'];
export type TotpSetUp = Schemas['TotpSetUp'];
export type UpdateList = Schemas['UpdateList'];
export type UpdatePolicy = Schemas['UpdatePolicy'];
export type VersionCount = Schemas['VersionCount'];

/** A value read on a device: null with a reason where it is unknown, and when it was last read. */
export interface Observed<Value> {
  value?: Value | null;
  unknown: string;
  as_of_ms?: number | null;
}
