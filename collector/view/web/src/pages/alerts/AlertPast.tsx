import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { alertQuery, workOnAlerts } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { stamp } from '../../format/time';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import classes from './alerts.module.css';
import { actionText, mayBeDone, NOTE_CHARACTERS, PERHAPS_NOTED } from './work';

/** What was done about an alert, what was written, and a place to write more; each in the order in which it happened. */
export function AlertPast({ alert }: { alert: AlertRow }) {
  const { data, error, refetch } = useQuery(alertQuery(alert));
  const mayWork = useMay('alerts.write');
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="history" height={60} />;
  return (
    <section aria-label="Notes and history" className={classes.past}>
      <ol className={classes.history} aria-label="History">
        <Moment at={alert.created_ms}>It was raised: {alert.value}</Moment>
        {data.history.map((action, place) => (
          <Moment key={place} at={action.at_ms}>
            {actionText(action)}
          </Moment>
        ))}
      </ol>
      {data.notes.length > 0 && (
        <ol className={classes.history} aria-label="Notes">
          {data.notes.map(({ at_ms: at, technician, text }, place) => (
            <Moment key={place} at={at}>
              {technician} wrote
              <q>{text}</q>
            </Moment>
          ))}
        </ol>
      )}
      {mayWork && <NewNote alert={alert} />}
    </section>
  );
}

function Moment({ at, children }: { at: number; children: ReactNode }) {
  return (
    <li>
      <time dateTime={new Date(at).toISOString()}>{stamp(at)}</time>
      <span>{children}</span>
    </li>
  );
}

function NewNote({ alert }: { alert: AlertRow }) {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const note = text.trim();
  const add = useMutation({
    mutationFn: (written: string) => workOnAlerts([alert], { kind: 'note', text: written }),
    onSuccess: () => setText(''),
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey: [key] }) => key === 'alerts' || key === 'alert' }),
  });
  const perhapsNoted = add.error !== null && mayBeDone(add.error) && add.variables === note;
  return (
    <form
      className={classes.newNote}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(note);
      }}
    >
      <Textarea
        size="xs"
        aria-label={`New note on ${alert.title}`}
        placeholder="Write a note"
        rows={2}
        maxLength={NOTE_CHARACTERS}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        size="xs"
        variant="default"
        type="submit"
        loading={add.isPending}
        disabled={note === '' || perhapsNoted}
      >
        Add note
      </Button>
      {perhapsNoted && <p className={classes.perhaps}>{PERHAPS_NOTED}</p>}
      {add.error && <ProblemNotice error={add.error} />}
    </form>
  );
}
