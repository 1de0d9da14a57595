import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { AlertNote, Catalogue, DeviceRow, EventRow, StateChange, TimelineEntry } from '../../api/types';
import { clockTime, stamp } from '../../format/time';
import { IconChange, IconClock, IconCross, IconPlus, IconUser, IconWarning } from '../../parts/icons';
import { SeverityIcon } from '../../parts/Severity';
import { STATUSES } from '../../state/vocabulary';
import { cellText } from './cells';
import {
  actionDetail,
  actionWord,
  alertDetail,
  alertWord,
  changeDetails,
  changeWord,
  probeOf,
  type HistoryGroup,
} from './history';
import styles from './history.module.css';
import { lossReason, lostNumbers, lostText } from './losses';

/** More of one moment than these are shown when somebody asks for them. */
const SHOWN_AT_ONCE = 5;

interface GroupProps {
  group: HistoryGroup;
  device: DeviceRow;
  catalogue: Catalogue;
}

/** One thing that happened, or the rows of a probe that changed in the same way at one moment. */
export function HistoryEntries({ group: { entries }, device, catalogue }: GroupProps) {
  const [isOpen, setOpen] = useState(false);
  const hidden = isOpen ? 0 : Math.max(0, entries.length - SHOWN_AT_ONCE);
  return (
    <>
      {entries.slice(0, entries.length - hidden).map((entry, place) => (
        <Entry key={place} entry={entry} device={device} catalogue={catalogue} />
      ))}
      {hidden > 0 && (
        <li className={styles.more}>
          <button type="button" onClick={() => setOpen(true)}>
            Show {hidden.toLocaleString('en-US')} more of this moment
          </button>
        </li>
      )}
    </>
  );
}

interface EntryProps extends Omit<GroupProps, 'group'> {
  entry: TimelineEntry;
}

function Entry({ entry, device, catalogue }: EntryProps) {
  return (
    <li>
      <time dateTime={new Date(entry.at_ms).toISOString()} data-tip={stamp(entry.at_ms)}>
        {clockTime(entry.at_ms)}
      </time>
      {entry.state && <Change change={entry.state} catalogue={catalogue} />}
      {entry.event && <Happened event={entry.event} catalogue={catalogue} />}
      {entry.alert && <AlertMoment alert={entry.alert} device={device} />}
      {entry.action && (
        <Words icon={<IconUser size={14} />} detail={actionDetail(entry.action)}>
          <strong>{actionWord(entry.action)}</strong>
        </Words>
      )}
      {entry.gap && (
        <Words icon={<IconWarning size={14} />} tone="warning" detail={`${lossReason(entry.gap)} ${lostNumbers(entry.gap)}`}>
          <strong>Lost: {lostText(entry.gap)}</strong>
        </Words>
      )}
    </li>
  );
}

interface WordsProps {
  icon: ReactNode;
  detail: string;
  tone?: string;
  children: ReactNode;
}

function Words({ icon, detail, tone, children }: WordsProps) {
  return (
    <div className={styles.words} data-tone={tone}>
      {icon}
      <div>
        {children}
        {detail.trim() !== '' && <div className={styles.detail}>{detail}</div>}
      </div>
    </div>
  );
}

const CHANGE_ICONS: Record<string, ReactNode> = {
  appeared: <IconPlus size={14} />,
  vanished: <IconCross size={14} />,
};

function Change({ change, catalogue }: { change: StateChange; catalogue: Catalogue }) {
  const probe = probeOf(catalogue, change);
  const label = probe?.label ?? change.probe.replaceAll('_', ' ');
  // A probe of one row has no key.
  const details = changeDetails(probe, change);
  return (
    <Words
      icon={CHANGE_ICONS[change.what] ?? <IconChange size={14} />}
      detail={(change.key ? [label, ...details] : details).join(' · ')}
    >
      <strong data-tip={probe?.meaning}>{changeWord(probe, change)}</strong> {change.key || label}
    </Words>
  );
}

function Happened({ event, catalogue }: { event: EventRow; catalogue: Catalogue }) {
  const type = catalogue.event_types.find(({ name }) => name === event.name);
  const details = (type?.columns ?? []).flatMap((column) => {
    const shown = cellText(event.detail[column.name], column);
    return shown ? [`${column.label}: ${shown}`] : [];
  });
  return (
    <Words icon={<IconClock size={14} />} detail={details.join(' · ')}>
      <strong data-tip={type?.meaning}>{type?.label ?? event.name}</strong>
    </Words>
  );
}

function AlertMoment({ alert, device }: { alert: AlertNote; device: DeviceRow }) {
  return (
    <Words icon={<SeverityIcon severity={alert.severity} />} tone={alert.severity} detail={alertDetail(alert)}>
      <strong>{alertWord(alert)}:</strong>{' '}
      <Link
        to="/customers/$customerId/alerts"
        params={{ customerId: device.customer_id }}
        search={{ device: device.id, search: alert.title, status: [...STATUSES] }}
        aria-label={`${alert.title}${alert.subject && `, ${alert.subject}`}: its alerts`}
      >
        {alert.title}
        {alert.subject && ` (${alert.subject})`}
      </Link>
    </Words>
  );
}
