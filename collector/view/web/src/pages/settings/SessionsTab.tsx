import { useQuery, useQueryClient } from '@tanstack/react-query';
import { endSession, sessionsQuery } from '../../api/access';
import { useTitle } from '../../app/useTitle';
import { elapsed, stamp } from '../../format/time';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { useNow } from '../../state/clock';
import { ConfirmButton } from './ConfirmButton';
import classes from './settings.module.css';

/** Where one is logged in. */
export function SessionsTab() {
  useTitle('My sessions', 'Settings');
  const queries = useQueryClient();
  const now = useNow();
  const { data, error, refetch } = useQuery(sessionsQuery);
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="my sessions" height={120} />;
  const changed = () => void queries.invalidateQueries({ queryKey: ['account'] });
  return (
    <section className={classes.section} aria-label="My sessions">
      <div className={classes.scroller} tabIndex={0} role="region" aria-label="Sessions">
        <table className={classes.table} aria-label="My sessions">
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Program</th>
              <th scope="col">Logged in</th>
              <th scope="col">Last used</th>
              <th scope="col">Ends</th>
              <th scope="col">Actions</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((session) => (
              <tr key={session.id}>
                <td>
                  {session.remote} {session.current && <span className={classes.tag}>this one</span>}
                </td>
                <td>{session.program || 'unknown'}</td>
                <td>{stamp(session.created_ms)}</td>
                <td data-tip={stamp(session.used_ms)}>{elapsed(session.used_ms, now)}</td>
                <td>{stamp(session.expires_ms)}</td>
                <td>
                  {!session.current && (
                    <ConfirmButton
                      label="End"
                      title={`End the session from ${session.remote}`}
                      question="Whoever uses it is logged out at once."
                      action="End it"
                      run={() => endSession(session.id)}
                      onDone={changed}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
