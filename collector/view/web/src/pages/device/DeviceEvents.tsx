import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { eventsQuery } from '../../api/requests';
import type { Catalogue, EventRow } from '../../api/types';
import { stamp } from '../../format/time';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { cellText } from './cells';
import classes from './device.module.css';
import { Loading } from '../../parts/Loading';

type EventTypes = Catalogue['event_types'];

const STEP = 100;
/** The most that the API gives at once; older ones stay in the collector. */
const MOST = 500;

interface DeviceEventsProps {
  deviceId: string;
  types: EventTypes;
}

/** What happened on the device, newest first. */
export function DeviceEvents({ deviceId, types }: DeviceEventsProps) {
  const [limit, setLimit] = useState(STEP);
  const { data, error, refetch } = useQuery({ ...eventsQuery(deviceId, limit), placeholderData: keepPreviousData });
  return (
    <section aria-label="Events">
      <h2 className={classes.h2}>Events</h2>
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="events" height={200} />}
      {data?.items.length === 0 && <EmptyNotice title="Nothing has happened yet" />}
      {data && data.items.length > 0 && (
        <ol className={classes.events}>
          {data.items.map((event, place) => (
            <EventItem key={`${event.at_ms} ${event.name} ${data.items.length - place}`} event={event} types={types} />
          ))}
        </ol>
      )}
      {data && data.items.length >= limit && limit < MOST && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setLimit(limit + STEP)}>
          Show older events
        </Button>
      )}
    </section>
  );
}

function EventItem({ event, types }: { event: EventRow; types: EventTypes }) {
  const type = types.find(({ name }) => name === event.name);
  const details = (type?.columns ?? []).flatMap((column) => {
    const shown = cellText(event.detail[column.name], column);
    return shown ? [`${column.label}: ${shown}`] : [];
  });
  return (
    <li>
      <time dateTime={new Date(event.at_ms).toISOString()}>{stamp(event.at_ms)}</time>
      <div>
        <strong data-tip={type?.meaning}>{type?.label ?? event.name}</strong>
        {details.length > 0 && <div className={classes.since}>{details.join(' · ')}</div>}
      </div>
    </li>
  );
}
