import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { alertsCsv, alertsSource, type Page } from '../../api/requests';
import type { AlertRow, SavedView } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { alertFilter, isNarrowed, readAlertSearch, type AlertFilter, type AlertSearch } from '../../state/alertSearch';
import { choicesOf, parseSearch } from '../../state/url';
import { csvColumns } from '../../table/columns';
import { usePreferences } from '../../table/preferences';
import { useSelection } from '../../table/useSelection';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { ManageProvider } from '../manage/ManageProvider';
import { useView } from '../lists/useView';
import { ViewProblems } from '../lists/ViewProblems';
import { AlertBulkBar } from './AlertBulkBar';
import { AlertToolbar } from './AlertToolbar';
import { AlertWorkProvider } from './AlertWorkProvider';
import { alertColumns, alertTone } from './columns';
import { Evidence } from './Evidence';

const route = getRouteApi('/customers/$customerId/alerts');
const alertId = (alert: AlertRow) => alert.id;
const evidence = (alert: AlertRow) => <Evidence alert={alert} />;

/** The alerts of one customer. */
export function AlertsTab() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Alerts', useCustomerName(customerId));
  return (
    <TabPanel tab="alerts">
      <AlertList customerId={customerId} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
    </TabPanel>
  );
}

interface AlertListProps {
  /** Where absent, the alerts of all customers. */
  customerId?: string;
  search: AlertSearch;
  onSearch: (search: AlertSearch) => void;
}

/** A list of alerts with all that is above it; what is chosen stands in the address. */
export function AlertList({ customerId, search, onSearch }: AlertListProps) {
  const filter = useMemo(() => alertFilter(search), [search]);
  const source = useMemo(
    () => alertsSource({ customer: customerId, device: search.device }, filter),
    [customerId, search.device, filter],
  );
  const inUse = useView('alerts', search.view);
  const preferences = usePreferences('alerts', alertColumns, inUse.preferences);
  const shown = preferences.order.filter((id) => preferences.visible[id]);
  const [total, setTotal] = useState<number | null>(null);
  const selection = useSelection(JSON.stringify([customerId, search.device, { ...filter, sort: '' }]), alertId);
  const { refresh, set } = selection;
  const onAnswer = useCallback(
    (answer?: Page<AlertRow>) => {
      setTotal(answer?.total ?? null);
      if (answer) refresh(answer.items);
    },
    [refresh],
  );

  /** What was done may take an alert out of the list, and then nobody sees that it is selected. */
  const { status } = filter;
  const onDone = useCallback(
    (alerts: readonly AlertRow[]) => {
      refresh(alerts);
      set(
        alerts.filter((alert) => !status.some((word) => word === alert.status)),
        false,
      );
    },
    [refresh, set, status],
  );

  const change = (part: Partial<AlertFilter>) => onSearch({ ...search, ...asSearch(part) });
  const clear = () => onSearch({ sort: search.sort });
  const choose = (view: SavedView | undefined) =>
    onSearch(view ? readAlertSearch({ ...parseSearch(view.choices), ...ofView(view) }) : {});
  const narrowed = isNarrowed(filter) || search.device !== undefined;

  return (
    <>
      <AlertToolbar
        filter={filter}
        device={search.device}
        onChange={change}
        onAnyDevice={() => onSearch({ ...search, device: undefined })}
        onClear={clear}
        preferences={preferences}
        count={total === null ? '' : counted(total, 'alert')}
        csv={alertsCsv({ customer: customerId, device: search.device }, filter, csvColumns(alertColumns, shown))}
        view={inUse.view}
        content={{ filter: filter.filter, choices: choicesOf(search), sort: filter.sort }}
        onView={choose}
      />
      <ViewProblems inUse={inUse} columns={alertColumns} />
      <AlertWorkProvider onDone={onDone}>
        <ManageProvider>
          <AlertBulkBar selection={selection} source={source} total={total} />
          <WindowTable
            label="Alerts"
            columns={alertColumns}
            source={source}
            rowKey={alertId}
            density={preferences.density}
            order={preferences.order}
            visible={preferences.visible}
            widths={preferences.widths}
            sort={filter.sort}
            onSort={(sort) => change({ sort })}
            selection={selection}
            tone={alertTone}
            detail={evidence}
            onAnswer={onAnswer}
            empty={
              narrowed ? (
                <EmptyNotice title="No alert matches these filters">
                  <Button size="xs" variant="default" onClick={clear}>
                    Clear filters
                  </Button>
                </EmptyNotice>
              ) : (
                <EmptyNotice title="No open alerts">
                  <span>Resolved and snoozed ones are behind the filter “Status”.</span>
                </EmptyNotice>
              )
            }
          />
        </ManageProvider>
      </AlertWorkProvider>
    </>
  );
}

function ofView({ id, filter, sort }: SavedView) {
  return { view: id, filter, sort };
}

/** What is empty leaves the address. No status at all would show nothing, so it means the default. */
function asSearch(part: Partial<AlertFilter>): AlertSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value.length === 0 ? undefined : value]),
  );
}
