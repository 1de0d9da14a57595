import { Text } from '@mantine/core';
import type { BulkAnswer } from '../../api/types';
import { counted } from '../../format/words';
import classes from './organise.module.css';

interface OutcomeProps {
  answer: BulkAnswer;
  /** Of those that were in sight. */
  names: ReadonlyMap<string, { name?: string | undefined }>;
}

/** For how many it was done, and for which it was not and why. */
export function Outcome({ answer, names }: OutcomeProps) {
  const refused = answer.items.filter(({ done }) => !done);
  return (
    <div role="status">
      <Text size="sm">Done for {counted(answer.done, 'device')}.</Text>
      {refused.length > 0 && (
        <>
          <Text size="sm">Not done for {counted(refused.length, 'device')}:</Text>
          <ul className={classes.outcome}>
            {refused.map(({ id, reason }) => (
              <li key={id}>
                <strong>{names.get(id)?.name ?? id}</strong>: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
