import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { devicesCsv, devicesSource, type Page } from '../../api/requests';
import type { DeviceRow, SavedView } from '../../api/types';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { deviceFilter, isNarrowed, readDeviceSearch, type DeviceFilter, type DeviceSearch } from '../../state/deviceSearch';
import { choicesOf, parseSearch } from '../../state/url';
import { csvColumns } from '../../table/columns';
import { usePreferences } from '../../table/preferences';
import { useSelection } from '../../table/useSelection';
import { WindowTable } from '../../table/WindowTable';
import { ManageProvider } from '../manage/ManageProvider';
import { useView } from '../lists/useView';
import { ViewProblems } from '../lists/ViewProblems';
import { chooseAll, type ChosenDevice } from '../organise/chosenDevices';
import { DraggerContext, useDeviceDrag } from '../organise/dragging';
import organise from '../organise/organise.module.css';
import { deviceColumns } from './columns';
import { DeviceToolbar } from './DeviceToolbar';

const BulkBar = lazy(async () => ({ default: (await import('../organise/BulkBar')).BulkBar }));
const FolderSide = lazy(async () => ({ default: (await import('../organise/FolderSide')).FolderSide }));
const DeviceReasons = lazy(async () => ({ default: (await import('./DeviceReasons')).DeviceReasons }));

const deviceId = ({ id }: { id: string }) => id;
const reasons = (device: DeviceRow) => (
  <Suspense fallback={<Loading label="reasons" height={60} />}>
    <DeviceReasons device={device} />
  </Suspense>
);

interface DeviceListProps {
  /** Where absent, the devices of all customers: those have no folders. */
  customerId?: string;
  search: DeviceSearch;
  onSearch: (search: DeviceSearch) => void;
}

/** A list of devices with all that is above and beside it; what is chosen stands in the address. */
export function DeviceList({ customerId, search, onSearch }: DeviceListProps) {
  const filter = useMemo(() => deviceFilter(search), [search]);
  const source = useMemo(() => devicesSource(customerId, filter), [customerId, filter]);
  const inUse = useView('devices', search.view);
  const preferences = usePreferences('devices', deviceColumns, inUse.preferences);
  const shown = preferences.order.filter((id) => preferences.visible[id]);
  // It outlasts other filters: devices of several folders may be chosen, and the bar says how many.
  const selection = useSelection<ChosenDevice>(customerId ?? '', deviceId);
  const { refresh, set, has } = selection;
  // The bar stays from then on: its dialog tells how it went when nothing is selected any more.
  const [hasChosen, setChosen] = useState(false);
  if (selection.rows.length > 0 && !hasChosen) setChosen(true);
  const seen = useRef(new Map<string, DeviceRow>());
  const gather = useMutation({
    mutationFn: (part: Partial<DeviceFilter>) => chooseAll(customerId, { ...filter, ...part }),
    onSuccess: (devices) => {
      const fresh = devices.filter(({ id }) => !has(id));
      set(
        fresh.map((device) => seen.current.get(device.id) ?? device),
        true,
      );
    },
  });
  const [total, setTotal] = useState<number | null>(null);
  const [hasRows, setHasRows] = useState(false);
  const onAnswer = useCallback(
    (answer?: Page<DeviceRow>) => {
      setTotal(answer?.total ?? null);
      if (!answer) return;
      setHasRows(true);
      for (const device of answer.items) seen.current.set(device.id, device);
      refresh(answer.items);
    },
    [refresh],
  );
  const { dragger, drag } = useDeviceDrag(selection);

  const change = (part: Partial<DeviceFilter>) => onSearch({ ...search, ...asSearch(part) });
  const clear = () => onSearch({ sort: search.sort });
  const choose = (view: SavedView | undefined) =>
    onSearch(view ? readDeviceSearch({ ...parseSearch(view.choices), ...ofView(view) }) : {});

  const list = (
    <>
      <DeviceToolbar
        filter={filter}
        onChange={change}
        onClear={clear}
        preferences={preferences}
        count={total === null ? '' : counted(total, 'device')}
        onSelectAll={() => gather.mutate({})}
        selecting={gather.isPending}
        csv={devicesCsv(customerId, filter, csvColumns(deviceColumns, shown))}
        view={inUse.view}
        content={{ filter: filter.filter, choices: choicesOf(search), sort: filter.sort }}
        onView={choose}
      />
      <ViewProblems inUse={inUse} columns={deviceColumns} />
      {gather.error && <ProblemNotice error={gather.error} />}
      {hasChosen && (
        <Suspense fallback={<Loading label="what can be done" height={30} />}>
          <BulkBar selection={selection} />
        </Suspense>
      )}
      <ManageProvider>
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
                <span>
                  {customerId
                    ? 'Press “Add device” for the command that enrols the first one.'
                    : 'Open a customer and press “Add device” for the command that enrols the first one.'}
                </span>
              </EmptyNotice>
            )
          }
        />
      </ManageProvider>
    </>
  );
  if (customerId === undefined) return list;
  return (
    <div className={organise.beside}>
      {/* The rows come first; its place is kept meanwhile. */}
      {hasRows ? (
        <Suspense fallback={<div className={organise.side} />}>
          <FolderSide
            customer={customerId}
            chosen={filter.folder}
            onChoose={(folder) => change({ folder })}
            onSelectDevices={(folder) => gather.mutate({ folder })}
            drag={drag}
          />
        </Suspense>
      ) : (
        <div className={organise.side} />
      )}
      <div className={organise.main}>
        <DraggerContext value={dragger}>{list}</DraggerContext>
      </div>
    </div>
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
