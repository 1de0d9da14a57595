import { Button } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { devicesCsv, devicesSource } from '../../api/requests';
import type { DeviceRow, SavedView } from '../../api/types';
import { counted } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { deviceFilter, isNarrowed, readDeviceSearch, type DeviceFilter, type DeviceSearch } from '../../state/deviceSearch';
import { choicesOf, parseSearch } from '../../state/url';
import { csvColumns } from '../../table/columns';
import { usePreferences } from '../../table/preferences';
import { WindowTable } from '../../table/WindowTable';
import { useView } from '../lists/useView';
import { ViewProblems } from '../lists/ViewProblems';
import { deviceColumns } from './columns';
import { DeviceToolbar } from './DeviceToolbar';

const deviceId = (device: DeviceRow) => device.id;

interface DeviceListProps {
  /** Where absent, the devices of all customers. */
  customerId?: string;
  search: DeviceSearch;
  onSearch: (search: DeviceSearch) => void;
}

/** A list of devices with all that is above it; what is chosen stands in the address. */
export function DeviceList({ customerId, search, onSearch }: DeviceListProps) {
  const filter = useMemo(() => deviceFilter(search), [search]);
  const source = useMemo(() => devicesSource(customerId, filter), [customerId, filter]);
  const inUse = useView('devices', search.view);
  const preferences = usePreferences('devices', deviceColumns, inUse.preferences);
  const [total, setTotal] = useState<number | null>(null);
  const onAnswer = useCallback((answer?: { total: number }) => setTotal(answer?.total ?? null), []);
  const shown = preferences.order.filter((id) => preferences.visible[id]);

  const change = (part: Partial<DeviceFilter>) => onSearch({ ...search, ...asSearch(part) });
  const clear = () => onSearch({ sort: search.sort });
  const choose = (view: SavedView | undefined) =>
    onSearch(view ? readDeviceSearch({ ...parseSearch(view.choices), ...ofView(view) }) : {});

  return (
    <>
      <DeviceToolbar
        filter={filter}
        onChange={change}
        onClear={clear}
        preferences={preferences}
        count={total === null ? '' : counted(total, 'device')}
        csv={devicesCsv(customerId, filter, csvColumns(deviceColumns, shown))}
        view={inUse.view}
        content={{ filter: filter.filter, choices: choicesOf(search), sort: filter.sort }}
        onView={choose}
      />
      <ViewProblems inUse={inUse} columns={deviceColumns} />
      <WindowTable
        label="Devices"
        columns={deviceColumns}
        source={source}
        rowKey={deviceId}
        density={preferences.density}
        order={preferences.order}
        visible={preferences.visible}
        widths={preferences.widths}
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
              <span>
                {customerId
                  ? 'Press “Add device” for the command that enrols the first one.'
                  : 'Open a customer and press “Add device” for the command that enrols the first one.'}
              </span>
            </EmptyNotice>
          )
        }
      />
    </>
  );
}

function ofView({ id, filter, sort }: SavedView) {
  return { view: id, filter, sort };
}

/** What is empty leaves the address. */
function asSearch(part: Partial<DeviceFilter>): DeviceSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value === '' || value === false ? undefined : value]),
  );
}
