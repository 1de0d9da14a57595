import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { devicesSource } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { deviceFilter, isNarrowed, type DeviceFilter, type DeviceSearch } from '../../state/deviceSearch';
import { usePreferences } from '../../table/preferences';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { deviceColumns } from './columns';
import { DeviceToolbar } from './DeviceToolbar';

const route = getRouteApi('/customers/$customerId/devices');
const deviceId = (device: DeviceRow) => device.id;

export function DevicesTab() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Devices', useCustomerName(customerId));
  const filter = useMemo(() => deviceFilter(search), [search]);
  const source = useMemo(() => devicesSource(customerId, filter), [customerId, filter]);
  const preferences = usePreferences('devices', deviceColumns);
  const [total, setTotal] = useState<number | null>(null);
  const onAnswer = useCallback((answer?: { total: number }) => setTotal(answer?.total ?? null), []);

  const change = (part: Partial<DeviceFilter>) =>
    void navigate({ search: { ...search, ...asSearch(part) }, replace: true });
  const clear = () => void navigate({ search: { sort: search.sort }, replace: true });

  return (
    <TabPanel tab="devices">
      <DeviceToolbar
        filter={filter}
        onChange={change}
        onClear={clear}
        preferences={preferences}
        count={total === null ? '' : counted(total, 'device')}
      />
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
    </TabPanel>
  );
}

/** What is empty leaves the address. */
function asSearch(part: Partial<DeviceFilter>): DeviceSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value === '' || value === false ? undefined : value]),
  );
}
