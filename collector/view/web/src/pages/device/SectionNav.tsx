import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Catalogue } from '../../api/types';
import type { ChartRange } from '../../state/chartRange';
import classes from './device.module.css';

interface Section {
  id: string;
  label: string;
}

/** Overview, alerts, history, updates of the agent, then each probe that has a table of its own. */
export function sectionsOf(catalogue: Catalogue): Section[] {
  const tables = catalogue.probes.filter(({ kind, key_label: key }) => kind === 'state' && key !== '');
  return [
    { id: 'overview', label: 'Overview' },
    { id: 'alerts', label: 'Alerts' },
    { id: 'history', label: 'History' },
    { id: 'updates', label: 'Agent updates' },
    ...tables.map(({ name, label }) => ({ id: name, label })),
  ];
}

interface SectionNavProps {
  deviceId: string;
  catalogue: Catalogue;
  current: string;
  /** As the address has it, so that the way back to the charts is the same. */
  range?: ChartRange;
}

export function SectionNav({ deviceId, catalogue, current, range }: SectionNavProps) {
  const navigate = useNavigate();
  const sections = sectionsOf(catalogue);
  const searchOf = (id: string) => ({ section: id === 'overview' ? undefined : id, range });
  return (
    <>
      <nav aria-label="Sections of the device" className={classes.nav}>
        {sections.map(({ id, label }) => (
          <Link
            key={id}
            to="/devices/$deviceId"
            params={{ deviceId }}
            search={searchOf(id)}
            aria-current={id === current ? 'page' : undefined}
            data-current={id === current || undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      <NativeSelect
        className={classes.pick}
        aria-label="Section of the device"
        value={current}
        data={sections.map(({ id, label }) => ({ value: id, label }))}
        onChange={(event) =>
          void navigate({
            to: '/devices/$deviceId',
            params: { deviceId },
            search: searchOf(event.currentTarget.value),
          })
        }
      />
    </>
  );
}
