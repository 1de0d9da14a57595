import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { ApiError } from '../../api/problem';
import { readAlert, workOnAlerts, type AlertWork } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { ProblemNotice } from '../../parts/Notice';
import { AlertForm, type AskedForm, type FormKind } from './AlertForm';
import classes from './alerts.module.css';
import { mayBeDone, PERHAPS_NOTED, undone } from './work';

interface Job {
  alerts: readonly AlertRow[];
  work: AlertWork;
}

/** What was not done, and why. */
interface Report {
  title: string;
  lines: { name: string; detail: string }[];
  /** Those that nobody has read since. */
  stale: readonly AlertRow[];
}

interface Desk {
  /** Asks first: until when, to whom, which ticket, what the note says. */
  ask: (form: FormKind, alerts: readonly AlertRow[]) => void;
  /** At once. */
  run: (alerts: readonly AlertRow[], work: AlertWork) => void;
}

const DeskContext = createContext<Desk | null>(null);

export function useAlertWork(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error('There is no AlertWorkProvider around this.');
  return desk;
}

function nameOf(alert: AlertRow | undefined): string {
  return alert ? `${alert.title} (${alert.device_name})` : 'An alert that is gone';
}

/** The collector's "no" to one alert: somebody was faster, or it is gone. */
function refusal(error: Error, alerts: readonly AlertRow[]): Report | null {
  if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 404)) return null;
  const { title, detail } = error.problem;
  return { title, lines: [{ name: nameOf(alerts[0]), detail }], stale: alerts };
}

interface AlertWorkProviderProps {
  children: ReactNode;
  /** Told of the alerts as they are after something was done about them. */
  onDone?: (alerts: readonly AlertRow[]) => void;
}

/** Lets everything within do something about alerts, with one dialog for all of them. */
export function AlertWorkProvider({ children, onDone }: AlertWorkProviderProps) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<AskedForm | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const reload = useCallback(() => {
    for (const key of ['alerts', 'devices', 'device', 'customers']) void queries.invalidateQueries({ queryKey: [key] });
  }, [queries]);
  const { mutate, error, isPending, variables, reset } = useMutation({
    mutationFn: ({ alerts, work }: Job) => workOnAlerts(alerts, work),
    onSuccess: ({ results }, { alerts }) => {
      setAsked(null);
      onDone?.(results.flatMap(({ alert }) => alert ?? []));
      const lines = undone(results).map(({ id, detail }) => ({
        name: nameOf(alerts.find((alert) => alert.id === id)),
        detail,
      }));
      if (lines.length > 0) setReport({ title: `Not done for ${lines.length} of ${results.length}`, lines, stale: [] });
    },
    onError: (failed, { alerts, work }) => {
      const why = refusal(failed, alerts);
      if (why) setReport(why);
      if (why || (work.kind === 'note' && mayBeDone(failed))) setAsked(null);
    },
    onSettled: reload,
  });
  const desk = useMemo<Desk>(
    () => ({
      ask: (form, alerts) => {
        reset();
        setAsked({ form, alerts });
      },
      run: (alerts, work) => mutate({ alerts, work }),
    }),
    [mutate, reset],
  );
  const failure = error && !refusal(error, variables.alerts) ? error : null;
  /** A note that may have been kept would stand there twice. */
  const perhapsNoted = failure !== null && variables?.work.kind === 'note' && mayBeDone(failure);
  const leave = () => {
    setAsked(null);
    reset();
  };
  const loadAgain = () => {
    reload();
    for (const { id } of report?.stale ?? []) {
      // One that is gone goes with the next answer of its list.
      readAlert(id).then(({ alert }) => onDone?.([alert]), () => undefined);
    }
    setReport(null);
  };

  return (
    <DeskContext value={desk}>
      {children}
      <AlertForm
        asked={asked}
        busy={isPending}
        error={failure}
        onClose={leave}
        onSubmit={(alerts, work) => mutate({ alerts, work })}
      />
      <Modal
        opened={failure !== null && asked === null}
        onClose={reset}
        title={perhapsNoted ? 'Perhaps not done' : 'Not done'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {perhapsNoted && <p className={classes.perhaps}>{PERHAPS_NOTED}</p>}
        <ProblemNotice error={failure} retry={variables && !perhapsNoted ? () => mutate(variables) : undefined} />
      </Modal>
      <Modal
        opened={report !== null}
        onClose={() => setReport(null)}
        title={report?.title}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="sm">
          <div role="alert">
            <ul className={classes.report}>
              {report?.lines.map(({ name, detail }, place) => (
                <li key={place}>
                  <strong>{name}</strong>
                  <div>{detail}</div>
                </li>
              ))}
            </ul>
          </div>
          <Group justify="flex-end">
            <Button size="xs" data-autofocus onClick={loadAgain}>
              Load what is there now
            </Button>
          </Group>
        </Stack>
      </Modal>
    </DeskContext>
  );
}
