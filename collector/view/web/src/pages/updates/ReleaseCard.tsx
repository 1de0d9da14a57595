import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { resumeRelease } from '../../api/requests';
import type { ReleaseRow } from '../../api/types';
import { bytes } from '../../format/units';
import { stamp } from '../../format/time';
import { counted } from '../../format/words';
import { ProblemNotice, WarningNotice } from '../../parts/Notice';
import { serverNow } from '../../state/clock';
import classes from './updates.module.css';
import { countsText, waveText } from './words';

/** One release: how far it is offered, what devices made of it, and what is in it. */
export function ReleaseCard({ release }: { release: ReleaseRow }) {
  const queries = useQueryClient();
  const resume = useMutation({
    mutationFn: () => resumeRelease(release.version),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['updates'] }),
  });
  const now = serverNow();
  return (
    <li className={classes.release} aria-label={`Release ${release.version}`}>
      <div className={classes.releaseHead}>
        <h3>{release.version}</h3>
        <span className={classes.tag}>{release.channel}</span>
        <span className={classes.muted}>{waveText(release, now)}</span>
      </div>
      {release.waves.length > 0 && (
        <div className={classes.waves} aria-hidden="true">
          {release.waves.map(({ percent, opens_ms: at }, place) => (
            <span
              key={at}
              data-open={at <= now || undefined}
              style={{ flexGrow: percent - (release.waves[place - 1]?.percent ?? 0) }}
            />
          ))}
        </div>
      )}
      <p className={classes.counts} data-failed={release.failed > 0 || undefined}>
        {countsText(release)}
      </p>
      {typeof release.stopped_ms === 'number' && (
        <div className={classes.stopped} role="status">
          <span>
            Stopped by itself on {stamp(release.stopped_ms)}: {release.stopped_why}. No other device is offered it.
          </span>
          <Button size="xs" variant="default" loading={resume.isPending} onClick={() => resume.mutate()}>
            Offer it again
          </Button>
        </div>
      )}
      {resume.error && <ProblemNotice error={resume.error} />}
      {release.warning && <WarningNotice>Devices may refuse it: {release.warning}.</WarningNotice>}
      <details className={classes.files}>
        <summary>{counted(release.files.length, 'file')}</summary>
        <ul>
          {release.files.map(({ name, sha256, bytes: size }) => (
            <li key={name}>
              <a href={`/install/files/${sha256}/${name}`}>{name}</a> <span className={classes.muted}>{bytes(size)}</span>
              <code>{sha256}</code>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}
