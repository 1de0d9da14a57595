import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { seriesQuery } from '../../api/requests';
import type { ProbeInfo } from '../../api/types';
import { Chart } from '../../charts/Chart';
import { chartsOf } from '../../charts/model';
import { ProblemNotice } from '../../parts/Notice';
import { CHART_RANGES, type ChartRange } from '../../state/chartRange';
import { serverNow } from '../../state/clock';
import classes from './device.module.css';
import { Loading } from '../../parts/Loading';

const HEIGHT_PX = 150;

interface SeriesCardProps {
  deviceId: string;
  probe: ProbeInfo;
  range: ChartRange;
}

/** The charts of one series probe, from now back over the range. */
export function SeriesCard({ deviceId, probe, range }: SeriesCardProps) {
  const { ms, refreshMs } = CHART_RANGES[range];
  const span = () => ({ from: serverNow() - ms, to: serverNow() });
  const { data, error, refetch } = useQuery({
    ...seriesQuery(deviceId, probe.name, `last ${range}`, span),
    refetchInterval: refreshMs,
  });
  const charts = useMemo(() => (data ? chartsOf(probe, data) : []), [data, probe]);
  if (error && !data) {
    return (
      <div className={classes.card}>
        <h3>{probe.label}</h3>
        <ProblemNotice error={error} retry={() => void refetch()} />
      </div>
    );
  }
  if (!data) return <Loading label={probe.label} height={HEIGHT_PX + 70} />;
  return charts.map((chart) => (
    <div key={chart.title} className={classes.card}>
      <Chart chart={chart} height={HEIGHT_PX} />
    </div>
  ));
}
