import type { AlertRow } from '../../api/types';
import { capitalised } from '../../format/words';
import { IconChevronDown, IconChevronRight } from '../../parts/icons';
import { ObservedValue } from '../../parts/Observed';
import { RowCheckbox } from '../../parts/RowCheckbox';
import { RowLink } from '../../parts/RowLink';
import { SeverityLabel } from '../../parts/Severity';
import type { TableColumn } from '../../table/columns';
import { ManageButton } from '../manage/ManageButton';
import { AlertMenu } from './AlertMenu';
import classes from './alerts.module.css';
import { Elapsed } from './Elapsed';
import { TicketCell } from './TicketCell';
import { statusText } from './work';

/** What nobody has to look at for now is grey. */
export function alertTone(alert: AlertRow): string | undefined {
  return alert.status === 'snoozed' ? 'quiet' : undefined;
}

/** Every column of the Alerts tab, in its own order. */
export const alertColumns: TableColumn<AlertRow>[] = [
  {
    id: 'title',
    label: 'Alert title',
    width: 380,
    card: 'title',
    sort: 'title',
    csv: ['title', 'subject'],
    permanent: 'first',
    cell: (alert, { expanded, toggle, compact, selected, select }) => (
      <span className={classes.head}>
        {select && (
          <RowCheckbox label={`Select ${alert.title}, ${alert.device_name}`} checked={selected} onChange={select} />
        )}
        <button type="button" className={classes.title} aria-expanded={expanded} onClick={toggle} title={alert.title}>
          {expanded ? <IconChevronDown /> : <IconChevronRight />}
          <span className={classes.words}>
            <span className={classes.strong}>{alert.title}</span>
            {!compact && alert.subject && <span className={classes.second}>{alert.subject}</span>}
          </span>
        </button>
        <AlertMenu alert={alert} />
      </span>
    ),
  },
  {
    id: 'customer',
    label: 'Customer name',
    width: 150,
    sort: 'customer',
    csv: ['device.customer'],
    cell: (alert) => (
      <RowLink href={`/customers/${alert.customer_id}/devices`} title={alert.customer_name}>
        {alert.customer_name}
      </RowLink>
    ),
  },
  {
    id: 'device',
    label: 'Device name',
    width: 190,
    card: 'half',
    sort: 'device',
    csv: ['device.name'],
    cell: (alert) => (
      <RowLink href={`/devices/${alert.device_id}`} title={alert.device_name}>
        {alert.device_name}
      </RowLink>
    ),
  },
  {
    id: 'created',
    label: 'Created',
    width: 110,
    card: 'half',
    sort: 'created',
    cell: (alert) => <Elapsed at={alert.created_ms} />,
  },
  {
    id: 'severity',
    label: 'Severity',
    width: 125,
    card: 'half',
    sort: 'severity',
    cell: (alert) => <SeverityLabel severity={alert.severity} />,
  },
  { id: 'category', label: 'Category', width: 120, sort: 'category', cell: (alert) => alert.category },
  {
    id: 'status',
    label: 'Status',
    width: 105,
    card: 'half',
    sort: 'status',
    cell: (alert) => (
      <span
        className={classes.status}
        data-status={alert.status}
        data-tip={statusText(alert) || undefined}
        tabIndex={statusText(alert) ? 0 : undefined}
      >
        {capitalised(alert.status)}
      </span>
    ),
  },
  {
    id: 'assigned',
    label: 'Assigned to',
    width: 120,
    card: 'half',
    sort: 'assigned',
    cell: (alert) => alert.assigned_name || <span className={classes.second}>nobody</span>,
  },
  {
    id: 'ticket',
    label: 'Ticket',
    width: 140,
    card: 'half',
    sort: 'ticket',
    cell: (alert) => <TicketCell alert={alert} />,
  },
  {
    id: 'type',
    label: 'Device type',
    width: 110,
    sort: 'type',
    csv: ['device.type'],
    cell: (alert) => <ObservedValue of={alert.device_type}>{(type) => type}</ObservedValue>,
  },
  {
    id: 'manage',
    label: 'Manage device',
    permanent: 'last',
    width: 112,
    card: 'half',
    csv: [],
    cell: (alert) => <ManageButton device={{ id: alert.device_id, name: alert.device_name }} />,
  },
];
