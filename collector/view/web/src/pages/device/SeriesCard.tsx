import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { seriesQuery } from '../../api/requests';
import type { ProbeInfo } from '../../api/types';
import { Chart } from '../../charts/Chart';
import { chartsOf } from '../../charts/model';
import { ProblemNotice } from '../../parts/Notice';
import { serverNow } from '../../state/clock';
import classes from './device.module.css';
import { Loading } from '../../parts/Loading';

const DAY_MS = 24 * 60 * 60_000;
/** One point for each five minutes. */
const POINTS = 288;
const REFRESH_MS = 30_000;
const HEIGHT_PX = 150;

const lastDay = () => ({ from: serverNow() - DAY_MS, to: serverNow() });

/** The charts of one series probe over the last 24 hours. */
export function SeriesCard({ deviceId, probe }: { deviceId: string; probe: ProbeInfo }) {
  const { data, error, refetch } = useQuery({
    ...seriesQuery(deviceId, probe.name, 'last day', POINTS, lastDay),
    refetchInterval: REFRESH_MS,
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
