import { useMemo } from 'react';
import type { AlertEvidence, AlertRow, ColumnInfo, SeriesAnswer } from '../../api/types';
import { Chart } from '../../charts/Chart';
import { chartOf } from '../../charts/model';
import { levelsOf } from './work';

const HEIGHT_PX = 150;

interface EvidenceChartProps {
  alert: AlertRow;
  evidence: AlertEvidence;
  series: SeriesAnswer;
  column: ColumnInfo;
}

/** The curve that raised the alert around that moment, with the levels of its rule. */
export function EvidenceChart({ alert, evidence, series, column }: EvidenceChartProps) {
  const chart = useMemo(() => chartOf(column.label, column.unit, [column], series), [column, series]);
  const levels = useMemo(() => levelsOf(evidence, column.unit), [evidence, column]);
  return <Chart chart={chart} height={HEIGHT_PX} mark={alert.created_ms} levels={levels} />;
}
