import { elapsed, stamp } from '../../format/time';
import { useNow } from '../../state/clock';

/** How long ago; exactly when on hover. */
export function Elapsed({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} data-tip={stamp(at)} tabIndex={0}>
      {elapsed(at, now)}
    </time>
  );
}
