import { Button, CloseButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deviceQuery } from '../../api/requests';
import type { SavedView } from '../../api/types';
import { FilterMenu } from '../../parts/FilterMenu';
import { SearchBox } from '../../parts/SearchBox';
import { Toolbar } from '../../parts/Toolbar';
import { isNarrowed, type AlertFilter } from '../../state/alertSearch';
import { CATEGORIES, DEVICE_TYPES, SEVERITIES, STATUSES } from '../../state/vocabulary';
import { ColumnMenu } from '../../table/ColumnMenu';
import { DensityToggle } from '../../table/DensityToggle';
import type { TablePreferences } from '../../table/preferences';
import { CsvLink } from '../lists/CsvLink';
import { FilterButton } from '../lists/FilterButton';
import { ViewsMenu, type ViewContent } from '../lists/ViewsMenu';
import classes from './alerts.module.css';
import { alertColumns } from './columns';

interface AlertToolbarProps {
  filter: AlertFilter;
  /** Only this device's alerts are shown. */
  device?: string;
  onChange: (part: Partial<AlertFilter>) => void;
  onAnyDevice: () => void;
  onClear: () => void;
  preferences: TablePreferences;
  count: string;
  /** Address of the list as CSV. */
  csv: string;
  view: SavedView | undefined;
  content: ViewContent;
  onView: (view: SavedView | undefined) => void;
}

export function AlertToolbar(props: AlertToolbarProps) {
  const { filter, device, onChange, onAnyDevice, onClear, preferences, count, csv, view, content, onView } = props;
  return (
    <Toolbar
      search={
        <SearchBox
          label="Search title, customer, device, severity, category, ticket, status"
          value={filter.search}
          onChange={(search) => onChange({ search })}
        />
      }
      filters={
        <>
          {device && <DeviceChip id={device} onRemove={onAnyDevice} />}
          <FilterMenu
            label="Severity"
            options={SEVERITIES}
            chosen={filter.severity}
            onChange={(severity) => onChange({ severity })}
          />
          <FilterMenu
            label="Status"
            options={STATUSES}
            chosen={filter.status}
            onChange={(status) => onChange({ status })}
          />
          <FilterMenu
            label="Category"
            options={CATEGORIES}
            chosen={filter.category}
            onChange={(category) => onChange({ category })}
          />
          <FilterMenu
            label="Device type"
            options={DEVICE_TYPES}
            chosen={filter.type}
            onChange={(type) => onChange({ type })}
          />
          <FilterButton list="alerts" filter={filter.filter} onChange={(text) => onChange({ filter: text })} />
          {(isNarrowed(filter) || device) && (
            <Button size="xs" variant="subtle" onClick={onClear}>
              Clear filters
            </Button>
          )}
        </>
      }
      count={count}
      settings={
        <>
          <ViewsMenu list="alerts" view={view} content={content} preferences={preferences} onChoose={onView} />
          <CsvLink href={csv} />
          <DensityToggle preferences={preferences} />
          <ColumnMenu columns={alertColumns} preferences={preferences} />
        </>
      }
    />
  );
}

function DeviceChip({ id, onRemove }: { id: string; onRemove: () => void }) {
  const { data } = useQuery(deviceQuery(id));
  const name = data?.name ?? '…';
  return (
    <span className={classes.chip}>
      Device: {name}
      <CloseButton size="xs" aria-label={`Remove filter: device ${name}`} onClick={onRemove} />
    </span>
  );
}
