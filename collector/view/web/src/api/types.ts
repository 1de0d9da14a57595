import type { components } from './schema';

type Schemas = components['schemas'];

export type ActionNote = Schemas['ActionNote'];
export type AlertAction = Schemas['AlertAction'];
export type AlertCounts = Schemas['AlertCounts'];
export type AlertDetail = Schemas['AlertDetail'];
export type AlertEvidence = Schemas['AlertEvidence'];
export type AlertList = Schemas['AlertList'];
export type AlertNote = Schemas['AlertNote'];
export type AlertOutcome = Schemas['AlertOutcome'];
export type AlertOutcomes = Schemas['AlertOutcomes'];
export type AlertRow = Schemas['AlertRow'];
export type BulkAnswer = Schemas['BulkAnswer'];
export type BulkResult = Schemas['BulkResult'];
export type BrokenRelease = Schemas['BrokenRelease'];
export type Catalogue = Schemas['Catalogue'];
export type Changed = Schemas['Changed'];
export type ColumnInfo = Schemas['ColumnInfo'];
export type ContactEdit = Schemas['ContactEdit'];
export type ContactImported = Schemas['ContactImported'];
export type ContactRow = Schemas['ContactRow'];
export type Curve = Schemas['Curve'];
export type CustomerDetails = Schemas['CustomerDetails'];
export type CustomerEdit = Schemas['CustomerEdit'];
export type CustomerRow = Schemas['CustomerRow'];
export type DeviceEdit = Schemas['DeviceEdit'];
export type DeviceList = Schemas['DeviceList'];
export type DeviceRow = Schemas['DeviceRow'];
export type DeviceUpdate = Schemas['DeviceUpdate'];
export type EffectiveUpdatePolicy = Schemas['EffectiveUpdatePolicy'];
export type EventRow = Schemas['EventRow'];
export type FilterColumn = Schemas['FilterColumn'];
export type FilterFault = Schemas['FilterFault'];
export type FolderList = Schemas['FolderList'];
export type FolderRow = Schemas['FolderRow'];
export type GapNote = Schemas['GapNote'];
export type HeldBack = Schemas['HeldBack'];
export type InstallLine = Schemas['InstallLine'];
export type PinnedFields = Schemas['PinnedFields'];
export type ProbeInfo = Schemas['ProbeInfo'];
export type ProbeRow = Schemas['ProbeRow'];
export type ProbeTable = Schemas['ProbeTable'];
export type Problem = Schemas['Problem'];
export type PurgeAnswer = Schemas['PurgeAnswer'];
export type PurgeResult = Schemas['PurgeResult'];
export type RebootReason = Schemas['RebootReason'];
export type ReleaseList = Schemas['ReleaseList'];
export type ReleaseRow = Schemas['ReleaseRow'];
export type SavedView = Schemas['SavedView'];
export type SeriesAnswer = Schemas['SeriesAnswer'];
export type Session = Schemas['Session'];
export type StateChange = Schemas['StateChange'];
export type TimelineEntry = Schemas['TimelineEntry'];
export type TokenMade = Schemas['TokenMade'];
export type TokenRow = Schemas['TokenRow'];
export type UpdateList = Schemas['UpdateList'];
export type UpdatePolicy = Schemas['UpdatePolicy'];
export type VersionCount = Schemas['VersionCount'];
export type ViewWish = Schemas['ViewWish'];
export type WrittenNote = Schemas['WrittenNote'];

/** A value read on a device: null with a reason where it is unknown, and when it was last read. */
export interface Observed<Value> {
  value?: Value | null;
  unknown: string;
  as_of_ms?: number | null;
}
