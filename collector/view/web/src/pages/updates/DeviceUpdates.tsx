import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { updatesQuery } from '../../api/requests';
import type { DeviceUpdate, VersionCount } from '../../api/types';
import { integer } from '../../format/units';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import type { UpdateSearch } from '../../state/updateSearch';
import classes from './updates.module.css';
import { stateText, toneOf } from './words';

const PAGE_ROWS = 50;

interface DeviceUpdatesProps {
  /** Of this customer only; without it of all, with the customer's name. */
  customer?: string;
  filter: UpdateSearch;
  onFilter: (next: UpdateSearch) => void;
}

/** How many devices run which version, and what comes next for each. */
export function DeviceUpdates({ customer, filter, onFilter }: DeviceUpdatesProps) {
  const [page, setPage] = useState(0);
  const { data, error, refetch } = useQuery(updatesQuery({ customer, ...filter }, page * PAGE_ROWS, PAGE_ROWS));
  const choose = (next: UpdateSearch) => {
    setPage(0);
    onFilter(next);
  };
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="devices" height={200} />;
  if (data.versions.length === 0) {
    return <EmptyNotice title="No devices yet">Add one with “Add device” on a customer’s page.</EmptyNotice>;
  }
  return (
    <section className={classes.section} aria-label="Versions by device">
      <h2>Versions</h2>
      <Versions versions={data.versions} chosen={filter.version} onChoose={(version) => choose({ ...filter, version })} />
      <div className={classes.listHead}>
        <SearchBox
          label="Search device name"
          value={filter.search ?? ''}
          onChange={(search) => choose({ ...filter, search: search || undefined })}
        />
        <span className={classes.muted} aria-live="polite">
          {counted(data.total, 'device')}
        </span>
      </div>
      {data.total === 0 ? (
        <EmptyNotice title="No device fits">
          <Button size="xs" variant="default" onClick={() => choose({})}>
            Show all
          </Button>
        </EmptyNotice>
      ) : (
        <Table items={data.items} withCustomer={customer === undefined} />
      )}
      {data.total > PAGE_ROWS && (
        <div className={classes.pages}>
          <Button size="xs" variant="default" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </Button>
          <span className={classes.muted}>
            {integer(page * PAGE_ROWS + 1)} to {integer(Math.min(data.total, (page + 1) * PAGE_ROWS))} of {integer(data.total)}
          </span>
          <Button
            size="xs"
            variant="default"
            disabled={(page + 1) * PAGE_ROWS >= data.total}
            onClick={() => setPage(page + 1)}
          >
            Next
          </Button>
        </div>
      )}
    </section>
  );
}

interface VersionsProps {
  versions: VersionCount[];
  chosen?: string;
  onChoose: (version: string | undefined) => void;
}

function Versions({ versions, chosen, onChoose }: VersionsProps) {
  return (
    <div className={classes.versions} role="group" aria-label="Show only one version">
      {versions.map(({ version, devices }) => (
        <button
          key={version}
          type="button"
          aria-pressed={version === chosen}
          onClick={() => onChoose(version === chosen ? undefined : version)}
        >
          <strong>{version || 'unknown'}</strong> {counted(devices, 'device')}
        </button>
      ))}
    </div>
  );
}

function Table({ items, withCustomer }: { items: DeviceUpdate[]; withCustomer: boolean }) {
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label="Devices and their versions">
      <table className={classes.table} aria-label="Versions by device">
        <thead>
          <tr>
            <th scope="col">Device name</th>
            {withCustomer && <th scope="col">Customer name</th>}
            <th scope="col">Version</th>
            <th scope="col">What comes next</th>
          </tr>
        </thead>
        <tbody>
          {items.map((update) => (
            <tr key={update.device_id}>
              <td>
                <Link to="/devices/$deviceId" params={{ deviceId: update.device_id }} search={{ section: 'updates' }}>
                  {update.device_name}
                </Link>
              </td>
              {withCustomer && (
                <td>
                  <Link to="/customers/$customerId/updates" params={{ customerId: update.customer_id }}>
                    {update.customer_name}
                  </Link>
                </td>
              )}
              <td>{update.version || 'unknown'}</td>
              <td>
                <span className={classes.state} data-tone={toneOf(update.verdict)}>
                  {stateText(update)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
