import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { alertsSource, type Page } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { alertFilter, isNarrowed, type AlertFilter, type AlertSearch } from '../../state/alertSearch';
import { usePreferences } from '../../table/preferences';
import { useSelection } from '../../table/useSelection';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { AlertBulkBar } from './AlertBulkBar';
import { AlertToolbar } from './AlertToolbar';
import { AlertWorkProvider } from './AlertWorkProvider';
import { alertColumns, alertTone } from './columns';
import { Evidence } from './Evidence';

const route = getRouteApi('/customers/$customerId/alerts');
const alertId = (alert: AlertRow) => alert.id;
const evidence = (alert: AlertRow) => <Evidence alert={alert} />;

export function AlertsTab() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Alerts', useCustomerName(customerId));
  const filter = useMemo(() => alertFilter(search), [search]);
  const source = useMemo(
    () => alertsSource({ customer: customerId, device: search.device }, filter),
    [customerId, search.device, filter],
  );
  const preferences = usePreferences('alerts', alertColumns);
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

  const show = (next: AlertSearch) => void navigate({ search: next, replace: true });
  const change = (part: Partial<AlertFilter>) => show({ ...search, ...asSearch(part) });
  const clear = () => show({ sort: search.sort });
  const narrowed = isNarrowed(filter) || search.device !== undefined;

  return (
    <TabPanel tab="alerts">
      <AlertToolbar
        filter={filter}
        device={search.device}
        onChange={change}
        onAnyDevice={() => show({ ...search, device: undefined })}
        onClear={clear}
        preferences={preferences}
        count={total === null ? '' : counted(total, 'alert')}
      />
      <AlertWorkProvider onDone={onDone}>
        <AlertBulkBar selection={selection} source={source} total={total} />
        <WindowTable
          label="Alerts"
          columns={alertColumns}
          source={source}
          rowKey={alertId}
          density={preferences.density}
          order={preferences.order}
          visible={preferences.visible}
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
      </AlertWorkProvider>
    </TabPanel>
  );
}

/** What is empty leaves the address. No status at all would show nothing, so it means the default. */
function asSearch(part: Partial<AlertFilter>): AlertSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value.length === 0 ? undefined : value]),
  );
}
