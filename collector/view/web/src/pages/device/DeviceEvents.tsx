import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { pastQuery } from '../../api/requests';
import type { Catalogue, EventRow, GapNote, TimelineEntry } from '../../api/types';
import { stamp } from '../../format/time';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { IconWarning } from '../../parts/icons';
import { cellText } from './cells';
import classes from './device.module.css';
import { Loading } from '../../parts/Loading';
import { lossReason, lostNumbers, lostText } from './losses';

type EventTypes = Catalogue['event_types'];

interface DeviceEventsProps {
  deviceId: string;
  types: EventTypes;
}

/** What happened on the device and what of its records is lost, newest first. */
export function DeviceEvents({ deviceId, types }: DeviceEventsProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(pastQuery(deviceId));
  const entries = data?.pages.flatMap(({ items }) => items);
  return (
    <section aria-label="Events">
      <h2 className={classes.h2}>Events</h2>
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!entries && !error && <Loading label="events" height={200} />}
      {entries?.length === 0 && <EmptyNotice title="Nothing has happened yet" />}
      {entries && entries.length > 0 && (
        <ol className={classes.events}>
          {entries.map((entry, place) => (
            <Entry key={`${entry.at_ms} ${entry.kind} ${entries.length - place}`} entry={entry} types={types} />
          ))}
        </ol>
      )}
      {hasNextPage && (
        <Button size="xs" variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older events
        </Button>
      )}
    </section>
  );
}

function Entry({ entry, types }: { entry: TimelineEntry; types: EventTypes }) {
  return (
    <li>
      <time dateTime={new Date(entry.at_ms).toISOString()}>{stamp(entry.at_ms)}</time>
      {entry.event && <Happened event={entry.event} types={types} />}
      {entry.gap && <Lost gap={entry.gap} />}
    </li>
  );
}

function Happened({ event, types }: { event: EventRow; types: EventTypes }) {
  const type = types.find(({ name }) => name === event.name);
  const details = (type?.columns ?? []).flatMap((column) => {
    const shown = cellText(event.detail[column.name], column);
    return shown ? [`${column.label}: ${shown}`] : [];
  });
  return (
    <div>
      <strong data-tip={type?.meaning}>{type?.label ?? event.name}</strong>
      {details.length > 0 && <div className={classes.since}>{details.join(' · ')}</div>}
    </div>
  );
}

/** Its time is when the loss was noticed. */
function Lost({ gap }: { gap: GapNote }) {
  return (
    <div>
      <strong className={classes.lost}>
        <IconWarning size={14} /> Lost: {lostText(gap)}
      </strong>
      <div className={classes.since}>
        {lossReason(gap)} {lostNumbers(gap)}
      </div>
    </div>
  );
}
