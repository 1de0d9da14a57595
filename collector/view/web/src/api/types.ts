import type { components } from './schema';

type Schemas = components['schemas'];

export type AlertCounts = Schemas['AlertCounts'];
export type AlertList = Schemas['AlertList'];
export type AlertRow = Schemas['AlertRow'];
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
export type FilterColumn = Schemas['FilterColumn'];
export type FilterFault = Schemas['FilterFault'];
export type GapNote = Schemas['GapNote'];
export type HeldBack = Schemas['HeldBack'];
export type InstallLine = Schemas['InstallLine'];
export type ProbeInfo = Schemas['ProbeInfo'];
export type ProbeRow = Schemas['ProbeRow'];
export type ProbeTable = Schemas['ProbeTable'];
export type Problem = Schemas['Problem'];
export type RebootReason = Schemas['RebootReason'];
export type ReleaseList = Schemas['ReleaseList'];
export type ReleaseRow = Schemas['ReleaseRow'];
export type SavedView = Schemas['SavedView'];
export type SeriesAnswer = Schemas['SeriesAnswer'];
export type Session = Schemas['Session'];
export type ThresholdItem = Schemas['ThresholdItem'];
export type TimelineEntry = Schemas['TimelineEntry'];
export type TokenMade = Schemas['TokenMade'];
export type TokenRow = Schemas['TokenRow'];
export type UpdateList = Schemas['UpdateList'];
export type UpdatePolicy = Schemas['UpdatePolicy'];
export type VersionCount = Schemas['VersionCount'];
export type ViewWish = Schemas['ViewWish'];

/** A value read on a device: null with a reason where it is unknown, and when it was last read. */
export interface Observed<Value> {
  value?: Value | null;
  unknown: string;
  as_of_ms?: number | null;
}
