import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { catalogueQuery, deviceQuery } from '../../api/requests';
import type { Catalogue, DeviceRow } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { ProblemNotice } from '../../parts/Notice';
import { DeviceAlerts } from './DeviceAlerts';
import { DeviceUpdateSection } from '../updates/DeviceUpdateSection';
import { DeviceHeader } from './DeviceHeader';
import { History } from './History';
import classes from './device.module.css';
import { Overview } from './Overview';
import { ProbeSection } from './ProbeSection';
import { SectionNav, sectionsOf } from './SectionNav';
import { Loading } from '../../parts/Loading';

const route = getRouteApi('/devices/$deviceId');

/** One device: who it is, how it does, and everything its probes told. */
export function DevicePage() {
  const { deviceId } = route.useParams();
  const { section = 'overview', range } = route.useSearch();
  const { data: device, error, refetch } = useQuery(deviceQuery(deviceId));
  const { data: catalogue, error: catalogueError, refetch: refetchCatalogue } = useQuery(catalogueQuery);
  const label = catalogue && sectionsOf(catalogue).find(({ id }) => id === section)?.label;
  useTitle(section === 'overview' ? undefined : label, device?.name);

  if (error && !device) {
    return (
      <div className={classes.page}>
        <ProblemNotice error={error} retry={() => void refetch()} />
        <Link to="/">Back to the customers</Link>
      </div>
    );
  }
  return (
    <div className={classes.page}>
      {device ? <DeviceHeader device={device} /> : <Loading label="device" height={110} />}
      {catalogueError && !catalogue && (
        <ProblemNotice error={catalogueError} retry={() => void refetchCatalogue()} />
      )}
      <div className={classes.body}>
        {catalogue && <SectionNav deviceId={deviceId} catalogue={catalogue} current={section} range={range} />}
        <div className={classes.content}>
          {device && catalogue && <Section section={section} device={device} catalogue={catalogue} />}
        </div>
      </div>
    </div>
  );
}

interface SectionProps {
  section: string;
  device: DeviceRow;
  catalogue: Catalogue;
}

function Section({ section, device, catalogue }: SectionProps) {
  if (section === 'alerts') return <DeviceAlerts device={device} />;
  if (section === 'history') return <History key={device.id} device={device} catalogue={catalogue} />;
  if (section === 'updates') return <DeviceUpdateSection device={device} />;
  const probe = catalogue.probes.find(({ name, kind }) => name === section && kind === 'state');
  if (probe) return <ProbeSection key={probe.name} deviceId={device.id} probe={probe} />;
  return <Overview device={device} catalogue={catalogue} />;
}
