import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { alertsSource } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { EmptyNotice } from '../../parts/Notice';
import { alertFilter, isNarrowed, type AlertFilter, type AlertSearch } from '../../state/alertSearch';
import { usePreferences } from '../../table/preferences';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { AlertToolbar } from './AlertToolbar';
import { alertColumns } from './columns';
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
  const onAnswer = useCallback((answer?: { total: number }) => setTotal(answer?.total ?? null), []);

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
    </TabPanel>
  );
}

/** What is empty leaves the address. No status at all would show nothing, so it means the default. */
function asSearch(part: Partial<AlertFilter>): AlertSearch {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, value.length === 0 ? undefined : value]),
  );
}
