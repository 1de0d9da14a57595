import { clockTime } from '../format/time';
import { IconOffline } from '../parts/icons';
import { useLiveState } from './LiveProvider';
import classes from './live.module.css';

/** Nothing on the screen may look live when it is not: this says so, and since when. */
export function LiveBanner() {
  const live = useLiveState();
  return (
    <div role="status" aria-label="Connection">
      {live.kind === 'down' && (
        <div className={classes.banner}>
          <IconOffline />
          <span>
            <strong>Reconnecting…</strong> Nothing here is live: data as of {clockTime(live.since)}.
          </span>
        </div>
      )}
    </div>
  );
}
