/** Those that devices may have today; the API knows more, which agents that look at other machines would report. */
export const DEVICE_TYPES = ['PC', 'Server', 'Mac', 'Linux'] as const;
export const AVAILABILITIES = ['online', 'offline', 'unreachable', 'retired', 'unknown'] as const;
export const SEVERITIES = ['critical', 'warning', 'information'] as const;
export const STATUSES = ['open', 'snoozed', 'resolved'] as const;
/** Without those of the API that no rule raises: Exchange and Apps. */
export const CATEGORIES = ['Hardware', 'Disk', 'Availability', 'Performance', 'General', 'Network', 'Script-based'] as const;

export const MONITORED = ['yes', 'no'] as const;
export const RANKS = ['A', 'B', 'C', 'D', 'none'] as const;
export const CONTACT_STATUSES = ['active', 'deactivated'] as const;

export type DeviceType = (typeof DEVICE_TYPES)[number];
export type Availability = (typeof AVAILABILITIES)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Status = (typeof STATUSES)[number];
export type Monitored = (typeof MONITORED)[number];
export type Rank = (typeof RANKS)[number];
export type ContactStatus = (typeof CONTACT_STATUSES)[number];
export type Category = (typeof CATEGORIES)[number];
