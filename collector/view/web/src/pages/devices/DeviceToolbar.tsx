import { Button, Checkbox } from '@mantine/core';
import { FilterMenu } from '../../parts/FilterMenu';
import { SearchBox } from '../../parts/SearchBox';
import { Toolbar } from '../../parts/Toolbar';
import { isNarrowed, type DeviceFilter } from '../../state/deviceSearch';
import { AVAILABILITIES, CATEGORIES, DEVICE_TYPES, MONITORED, SEVERITIES } from '../../state/vocabulary';
import { ColumnMenu } from '../../table/ColumnMenu';
import { DensityToggle } from '../../table/DensityToggle';
import type { TablePreferences } from '../../table/preferences';
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
}

export function DeviceToolbar(props: DeviceToolbarProps) {
  const { filter, onChange, onClear, preferences, count, onSelectAll, selecting } = props;
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
          <DensityToggle preferences={preferences} />
          <ColumnMenu columns={deviceColumns} preferences={preferences} />
        </>
      }
    />
  );
}
