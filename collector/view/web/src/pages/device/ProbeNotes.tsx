import type { ProbeTable } from '../../api/types';
import { integer } from '../../format/units';
import { reasonText } from '../../format/words';
import { WarningNotice } from '../../parts/Notice';
import { asOfText } from '../../parts/Observed';
import classes from './device.module.css';

/** What must be known about a probe's rows before they are believed: their age, a failed reading, rows left out. */
export function ProbeNotes({ table }: { table: ProbeTable }) {
  const read = typeof table.as_of_ms === 'number';
  return (
    <>
      <p className={classes.asOf}>{read ? asOfText(table.as_of_ms) : 'Not read yet'}</p>
      {table.unknown && table.total > 0 && (
        <WarningNotice>
          The last reading failed: {reasonText(table.unknown)}. What stands below is from the last one that worked.
        </WarningNotice>
      )}
      {table.cut_rows > 0 && (
        <WarningNotice>
          {integer(table.cut_rows)} more rows were left out by the agent’s limit: this list is not complete.
        </WarningNotice>
      )}
    </>
  );
}
