import { useMemo, useState } from 'react';
import { alertsSource } from '../../api/requests';
import type { AlertRow, DeviceRow } from '../../api/types';
import { EmptyNotice } from '../../parts/Notice';
import { FilterMenu } from '../../parts/FilterMenu';
import { alertFilter } from '../../state/alertSearch';
import { STATUSES, type Status } from '../../state/vocabulary';
import { WindowTable } from '../../table/WindowTable';
import { AlertWorkProvider } from '../alerts/AlertWorkProvider';
import { alertColumns, alertTone } from '../alerts/columns';
import { Evidence } from '../alerts/Evidence';
import classes from './device.module.css';

const OMITTED = ['customer', 'device', 'type'];
const columns = alertColumns.filter(({ id }) => !OMITTED.includes(id));
const alertId = (alert: AlertRow) => alert.id;
const evidence = (alert: AlertRow) => <Evidence alert={alert} />;

/** The alerts of one device, open ones first to be seen. */
export function DeviceAlerts({ device }: { device: DeviceRow }) {
  const [status, setStatus] = useState<Status[]>(['open']);
  const [sort, setSort] = useState('-created');
  const source = useMemo(
    () => alertsSource({ device: device.id }, alertFilter({ status: status.length > 0 ? status : undefined, sort })),
    [device.id, status, sort],
  );
  return (
    <section className={classes.probe}>
      <div className={classes.probeHead}>
        <h2 className={classes.h2}>Alerts</h2>
        <FilterMenu label="Status" options={STATUSES} chosen={status} onChange={setStatus} />
      </div>
      <AlertWorkProvider>
        <WindowTable
          label="Alerts of the device"
          columns={columns}
          source={source}
          rowKey={alertId}
          density="detailed"
          sort={sort}
          onSort={setSort}
          tone={alertTone}
          detail={evidence}
          className={classes.probeTable}
          empty={<EmptyNotice title={`No ${status.join(' or ') || 'open'} alerts`} />}
        />
      </AlertWorkProvider>
    </section>
  );
}
