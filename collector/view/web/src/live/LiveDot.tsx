import { useLiveState } from './LiveProvider';
import classes from './live.module.css';

const LABELS = { connecting: 'Connecting', live: 'Live', down: 'Not live' } as const;

export function LiveDot() {
  const { kind } = useLiveState();
  return (
    <span className={classes.dot} data-kind={kind} data-tip="Changes appear by themselves while this says Live">
      {LABELS[kind]}
    </span>
  );
}
