import { useQuery } from '@tanstack/react-query';
import { seriesQuery } from '../../api/requests';
import type { AlertRow, ColumnInfo, ProbeInfo } from '../../api/types';
import { Chart } from '../../charts/Chart';
import { chartOf } from '../../charts/model';
import { ProblemNotice } from '../../parts/Notice';
import { serverNow } from '../../state/clock';
import { Loading } from '../../parts/Loading';

const BEFORE_MS = 60 * 60_000;
const AFTER_MS = 30 * 60_000;
const HEIGHT_PX = 150;

interface EvidenceChartProps {
  alert: AlertRow;
  probe: ProbeInfo;
  column: ColumnInfo;
}

/** The curve that raised the alert, from an hour before to half an hour after. */
export function EvidenceChart({ alert, probe, column }: EvidenceChartProps) {
  const span = () => ({
    from: alert.created_ms - BEFORE_MS,
    to: Math.min(serverNow(), (alert.resolved_ms ?? serverNow()) + AFTER_MS),
  });
  const { data, error, refetch } = useQuery(seriesQuery(alert.device_id, probe.name, `alert ${alert.id}`, span));
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="chart" height={HEIGHT_PX} />;
  const curves = data.curves.filter(({ column: name, key }) => name === column.name && key === alert.subject);
  const chart = chartOf(column.label, column.unit, [column], { ...data, curves });
  return <Chart chart={chart} height={HEIGHT_PX} mark={alert.created_ms} />;
}
