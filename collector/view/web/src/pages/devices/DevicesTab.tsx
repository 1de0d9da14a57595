import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { devicesSource, type Page } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { deviceFilter, isNarrowed, type DeviceFilter, type DeviceSearch } from '../../state/deviceSearch';
import { usePreferences } from '../../table/preferences';
import { useSelection } from '../../table/useSelection';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { allDevices } from '../organise/allDevices';
import organise from '../organise/organise.module.css';
import { deviceColumns } from './columns';
import { DeviceToolbar } from './DeviceToolbar';

// The rows come first; what is arranged around them follows.
const BulkBar = lazy(async () => ({ default: (await import('../organise/BulkBar')).BulkBar }));
const FolderSide = lazy(async () => ({ default: (await import('../organise/FolderSide')).FolderSide }));
const DeviceReasons = lazy(async () => ({ default: (await import('./DeviceReasons')).DeviceReasons }));

const route = getRouteApi('/customers/$customerId/devices');
const deviceId = (device: DeviceRow) => device.id;
const reasons = (device: DeviceRow) => (
  <Suspense fallback={<Loading label="reasons" height={60} />}>
    <DeviceReasons device={device} />
  </Suspense>
);

export function DevicesTab() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Devices', useCustomerName(customerId));
  const filter = useMemo(() => deviceFilter(search), [search]);
  const source = useMemo(() => devicesSource(customerId, filter), [customerId, filter]);
  const preferences = usePreferences('devices', deviceColumns);
  // It outlasts other filters: devices of several folders may be chosen, and the bar says how many.
  const selection = useSelection(customerId, deviceId);
  const { refresh, set } = selection;
  const gather = useMutation({
    mutationFn: (part: Partial<DeviceFilter>) => allDevices(customerId, { ...filter, ...part }),
    onSuccess: (devices) => set(devices, true),
  });
  const [total, setTotal] = useState<number | null>(null);
  const onAnswer = useCallback(
    (answer?: Page<DeviceRow>) => {
      setTotal(answer?.total ?? null);
      if (answer) refresh(answer.items);
    },
    [refresh],
  );

  const change = (part: Partial<DeviceFilter>) =>
    void navigate({ search: { ...search, ...asSearch(part) }, replace: true });
  const clear = () => void navigate({ search: { sort: search.sort }, replace: true });

  return (
    <TabPanel tab="devices">
      <div className={organise.beside}>
        <Suspense fallback={<div className={organise.side} />}>
          <FolderSide
            customer={customerId}
            chosen={filter.folder}
            onChoose={(folder) => change({ folder })}
            onSelectDevices={(folder) => gather.mutate({ folder })}
          />
        </Suspense>
        <div className={organise.main}>
          <DeviceToolbar
            filter={filter}
            onChange={change}
            onClear={clear}
            preferences={preferences}
            count={total === null ? '' : counted(total, 'device')}
            onSelectAll={() => gather.mutate({})}
            selecting={gather.isPending}
          />
          {gather.error && <ProblemNotice error={gather.error} />}
          <Suspense fallback={null}>
            <BulkBar customer={customerId} selection={selection} />
          </Suspense>
          <WindowTable
            label="Devices"
            columns={deviceColumns}
            source={source}
            rowKey={deviceId}
            density={preferences.density}
            order={preferences.order}
            visible={preferences.visible}
            sort={filter.sort}
            onSort={(sort) => change({ sort })}
            selection={selection}
            detail={reasons}
            onAnswer={onAnswer}
            empty={
              isNarrowed(filter) ? (
                <EmptyNotice title="No device matches these filters">
                  <Button size="xs" variant="default" onClick={clear}>
                    Clear filters
                  </Button>
                </EmptyNotice>
              ) : (
                <EmptyNotice title="No devices yet">
                  <span>Press “Add device” for the command that enrols the first one.</span>
                </EmptyNotice>
              )
            }
          />
        </div>
      </div>
    </TabPanel>
  );
}

/** What is empty leaves the address. */
function asSearch(part: Partial<DeviceFilter>): DeviceSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value === '' || value === false ? undefined : value]),
  );
}
