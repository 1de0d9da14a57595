import { useQuery } from '@tanstack/react-query';
import { releasesQuery } from '../../api/requests';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice, WarningNotice } from '../../parts/Notice';
import { ReleaseCard } from './ReleaseCard';
import classes from './updates.module.css';

/** The releases that this collector has, whole or broken. */
export function Releases() {
  const { data, error, refetch } = useQuery(releasesQuery);
  return (
    <section className={classes.section} aria-label="Releases">
      <h2>Releases</h2>
      {error && !data && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading label="releases" height={110} />}
      {data?.unreadable && <WarningNotice>The folder of releases cannot be read: {data.unreadable}.</WarningNotice>}
      {data?.broken.map(({ name, why }) => (
        <WarningNotice key={name}>
          Release {name} is broken and is not offered: {why}.
        </WarningNotice>
      ))}
      {data && data.items.length === 0 && (
        <EmptyNotice title="No release of the agent yet">
          Add one on the collector’s machine: <code>rollcall-collector add-release DIR --data DIR</code>
        </EmptyNotice>
      )}
      {data && data.items.length > 0 && (
        <ul className={classes.releases}>
          {data.items.map((release) => (
            <ReleaseCard key={release.version} release={release} />
          ))}
        </ul>
      )}
    </section>
  );
}
