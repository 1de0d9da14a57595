import type { Catalogue, DeviceRow } from '../../api/types';
import { FactCard } from './FactCard';
import { SeriesCard } from './SeriesCard';
import classes from './device.module.css';

interface OverviewProps {
  device: DeviceRow;
  catalogue: Catalogue;
}

/** The curves of the last 24 hours, and what can be said of the machine in one row. */
export function Overview({ device, catalogue }: OverviewProps) {
  const series = catalogue.probes.filter(({ kind }) => kind === 'series');
  const facts = catalogue.probes.filter(({ kind, key_label: key }) => kind === 'state' && key === '');
  return (
    <>
      <h2 className={classes.h2}>Last 24 hours</h2>
      <div className={classes.charts}>
        {series.map((probe) => (
          <SeriesCard key={probe.name} deviceId={device.id} probe={probe} />
        ))}
      </div>
      <h2 className={classes.h2}>Facts</h2>
      <div className={classes.cards}>
        {facts.map((probe) => (
          <FactCard key={probe.name} deviceId={device.id} probe={probe} />
        ))}
      </div>
    </>
  );
}
