import type { ReactNode } from 'react';
import type { Observed } from '../api/types';
import { stamp } from '../format/time';
import { reasonText } from '../format/words';
import classes from './Observed.module.css';

/** `Unknown: not supported on this machine`. */
export function unknownText(reason: string): string {
  return `Unknown: ${reasonText(reason)}`;
}

export function asOfText(asOf: number | null | undefined): string {
  return typeof asOf === 'number' ? `As of ${stamp(asOf)}` : 'Never read';
}

/** A value that could not be read: never blank, never 0. The reason is on hover and on focus. */
export function Unknown({ reason, asOf }: { reason: string; asOf?: number | null }) {
  const why = unknownText(reason);
  const tip = asOf === undefined ? why : `${why}\n${asOfText(asOf)}`;
  return (
    <span className={classes.unknown} data-tip={tip} tabIndex={0}>
      unknown
    </span>
  );
}

interface ObservedValueProps<Value> {
  of: Observed<Value>;
  children: (value: Value) => ReactNode;
}

/** A value read on a device with its "as of" on hover, or the word unknown with its reason. */
export function ObservedValue<Value>({ of, children }: ObservedValueProps<Value>) {
  if (of.value === null || of.value === undefined) return <Unknown reason={of.unknown} asOf={of.as_of_ms ?? null} />;
  return <span data-tip={asOfText(of.as_of_ms)}>{children(of.value)}</span>;
}
