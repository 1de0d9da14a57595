import { Button, Checkbox } from '@mantine/core';
import type { SavedView } from '../../api/types';
import { FilterMenu } from '../../parts/FilterMenu';
import { SearchBox } from '../../parts/SearchBox';
import { Toolbar } from '../../parts/Toolbar';
import { isNarrowed, type DeviceFilter } from '../../state/deviceSearch';
import { AVAILABILITIES, CATEGORIES, DEVICE_TYPES, MONITORED, SEVERITIES } from '../../state/vocabulary';
import { ColumnMenu } from '../../table/ColumnMenu';
import { DensityToggle } from '../../table/DensityToggle';
import type { TablePreferences } from '../../table/preferences';
import { CsvLink } from '../lists/CsvLink';
import { FilterButton } from '../lists/FilterButton';
import { ViewsMenu, type ViewContent } from '../lists/ViewsMenu';
import { deviceColumns } from './columns';

interface DeviceToolbarProps {
  filter: DeviceFilter;
  onChange: (part: Partial<DeviceFilter>) => void;
  onClear: () => void;
  preferences: TablePreferences;
  count: string;
  /** Selects all that the filter finds. */
  onSelectAll: () => void;
  selecting: boolean;
  /** Address of the list as CSV. */
  csv: string;
  view: SavedView | undefined;
  content: ViewContent;
  onView: (view: SavedView | undefined) => void;
}

export function DeviceToolbar(props: DeviceToolbarProps) {
  const { filter, onChange, onClear, preferences, count, onSelectAll, selecting, csv, view, content, onView } = props;
  return (
    <Toolbar
      search={
        <SearchBox
          label="Search device name, machine name, IP address"
          value={filter.search}
          onChange={(search) => onChange({ search })}
        />
      }
      filters={
        <>
          <FilterMenu label="Type" options={DEVICE_TYPES} chosen={filter.type} onChange={(type) => onChange({ type })} />
          <FilterMenu
            label="Availability"
            options={AVAILABILITIES}
            chosen={filter.availability}
            onChange={(availability) => onChange({ availability })}
          />
          <FilterMenu
            label="Alert severity"
            options={SEVERITIES}
            chosen={filter.severity}
            onChange={(severity) => onChange({ severity })}
          />
          <FilterMenu
            label="Alert category"
            options={CATEGORIES}
            chosen={filter.category}
            onChange={(category) => onChange({ category })}
          />
          <Checkbox
            size="xs"
            label="Pending reboot"
            checked={filter.reboot}
            onChange={(event) => onChange({ reboot: event.currentTarget.checked })}
          />
          <FilterMenu
            label="Monitored"
            options={MONITORED}
            chosen={filter.monitored}
            onChange={(monitored) => onChange({ monitored })}
          />
          <Checkbox
            size="xs"
            label="Favourites"
            checked={filter.favourite}
            onChange={(event) => onChange({ favourite: event.currentTarget.checked })}
          />
          <FilterButton list="devices" filter={filter.filter} onChange={(text) => onChange({ filter: text })} />
          {isNarrowed(filter) && (
            <Button size="xs" variant="subtle" onClick={onClear}>
              Clear filters
            </Button>
          )}
        </>
      }
      count={count}
      settings={
        <>
          <Button size="xs" variant="default" loading={selecting} disabled={count === ''} onClick={onSelectAll}>
            Select all
          </Button>
          <ViewsMenu list="devices" view={view} content={content} preferences={preferences} onChoose={onView} />
          <CsvLink href={csv} />
          <DensityToggle preferences={preferences} />
          <ColumnMenu columns={deviceColumns} preferences={preferences} />
        </>
      }
    />
  );
}
