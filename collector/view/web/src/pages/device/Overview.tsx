import { getRouteApi } from '@tanstack/react-router';
import type { Catalogue, DeviceRow } from '../../api/types';
import { defaultChartRange } from '../../state/chartRange';
import { serverNow } from '../../state/clock';
import { FactCard } from './FactCard';
import { RangeChoice } from './RangeChoice';
import { SeriesCard } from './SeriesCard';
import classes from './device.module.css';

const route = getRouteApi('/devices/$deviceId');

interface OverviewProps {
  device: DeviceRow;
  catalogue: Catalogue;
}

/** The curves of the chosen range, and what can be said of the machine in one row. */
export function Overview({ device, catalogue }: OverviewProps) {
  const { range: chosen } = route.useSearch();
  const range = chosen ?? defaultChartRange(device.enrolled_ms, serverNow());
  const series = catalogue.probes.filter(({ kind }) => kind === 'series');
  const facts = catalogue.probes.filter(({ kind, key_label: key }) => kind === 'state' && key === '');
  return (
    <>
      <div className={classes.probeHead}>
        <h2 className={classes.h2}>Performance</h2>
        <RangeChoice deviceId={device.id} current={range} />
      </div>
      <div className={classes.charts}>
        {series.map((probe) => (
          <SeriesCard key={probe.name} deviceId={device.id} probe={probe} range={range} />
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
