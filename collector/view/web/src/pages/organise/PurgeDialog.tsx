import { Checkbox, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { lossQuery, purgeDevices } from '../../api/requests';
import type { BulkAnswer, PurgeResult } from '../../api/types';
import { stamp } from '../../format/time';
import { integer } from '../../format/units';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { BulkDialog } from './BulkDialog';
import type { ChosenDevice } from './chosenDevices';
import classes from './organise.module.css';

interface PurgeDialogProps {
  devices: ReadonlyMap<string, ChosenDevice>;
  onClose: () => void;
  onDone: () => void;
}

async function purge(ids: string[]): Promise<BulkAnswer> {
  const { items } = await purgeDevices(ids, false);
  return { items, done: items.filter(({ done }) => done).length };
}

/** Says what is lost before anything is. */
export function PurgeDialog({ devices, onClose, onDone }: PurgeDialogProps) {
  const [ids] = useState(() => [...devices.keys()]);
  const [sure, setSure] = useState(false);
  const { data, error, refetch } = useQuery(lossQuery(ids));
  const possible = useMemo(() => data?.items.filter(({ reason }) => reason === '') ?? [], [data]);
  return (
    <BulkDialog
      title={`Delete ${counted(devices.size, 'device')} for ever?`}
      devices={devices}
      action="Delete for ever"
      danger
      size="lg"
      disabled={!sure || possible.length === 0}
      act={purge}
      onClose={onClose}
      onDone={onDone}
    >
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="what would be lost" height={80} />}
      {data && (
        <>
          <Text size="sm">This is lost, and nothing brings it back but a backup:</Text>
          <div className={classes.losses} role="region" aria-label="What is lost" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Device</th>
                  <th scope="col">What it told</th>
                  <th scope="col">Since</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((item) => (
                  <tr key={item.id}>
                    <td>{item.name || item.id}</td>
                    <td>{item.reason || lossText(item)}</td>
                    <td>{typeof item.since_ms === 'number' ? stamp(item.since_ms) : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Checkbox
            label="I know that this cannot be undone"
            checked={sure}
            onChange={(event) => setSure(event.currentTarget.checked)}
          />
        </>
      )}
    </BulkDialog>
  );
}

function lossText({ states, events, alerts, curves }: PurgeResult): string {
  return [
    `${integer(states)} rows of its state, of now and of the past`,
    counted(events, 'event'),
    counted(alerts, 'alert'),
    counted(curves, 'curve'),
  ].join(', ');
}
