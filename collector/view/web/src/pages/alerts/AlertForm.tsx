import { Button, Group, Modal, NativeSelect, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { assigneesQuery, type AlertWork } from '../../api/requests';
import type { AlertRow } from '../../api/types';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { serverNow } from '../../state/clock';
import { snoozeChoices, untilOf } from './snooze';
import { NOTE_CHARACTERS, TICKET_CHARACTERS } from './work';

export type FormKind = 'snooze' | 'assign' | 'ticket' | 'note';

const TITLES: Record<FormKind, string> = {
  snooze: 'Snooze',
  assign: 'Assign',
  ticket: 'Ticket of',
  note: 'Add a note to',
};

export interface AskedForm {
  form: FormKind;
  /** As they were seen when it was asked for. */
  alerts: readonly AlertRow[];
}

interface AlertFormProps {
  asked: AskedForm | null;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSubmit: (alerts: readonly AlertRow[], work: AlertWork) => void;
}

function titleOf({ form, alerts }: AskedForm): string {
  const [first] = alerts;
  return `${TITLES[form]} ${alerts.length === 1 && first ? `“${first.title}”` : counted(alerts.length, 'alert')}`;
}

/** What has to be known before something is done: until when, to whom, which ticket, what the note says. */
export function AlertForm({ asked, busy, error, onClose, onSubmit }: AlertFormProps) {
  const Fields = asked && FIELDS[asked.form];
  return (
    <Modal
      opened={asked !== null}
      onClose={onClose}
      title={asked && titleOf(asked)}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {asked && Fields && (
        <Fields
          alerts={asked.alerts}
          onSubmit={(work) => onSubmit(asked.alerts, work)}
          foot={(label, ready) => (
            <>
              {error && <ProblemNotice error={error} />}
              <Group justify="flex-end" gap="xs">
                <Button size="xs" variant="default" onClick={onClose}>
                  Cancel
                </Button>
                <Button size="xs" type="submit" loading={busy} disabled={!ready}>
                  {label}
                </Button>
              </Group>
            </>
          )}
        />
      )}
    </Modal>
  );
}

interface FieldsProps {
  alerts: readonly AlertRow[];
  onSubmit: (work: AlertWork) => void;
  foot: (label: string, ready: boolean) => ReactNode;
}

const FIELDS: Record<FormKind, (props: FieldsProps) => ReactNode> = {
  snooze: SnoozeFields,
  assign: AssignFields,
  ticket: TicketFields,
  note: NoteFields,
};

/** The value that all of them have; "" where they differ. */
function common(alerts: readonly AlertRow[], of: (alert: AlertRow) => string): string {
  const values = new Set(alerts.map(of));
  return values.size === 1 ? ([...values][0] ?? '') : '';
}

interface FormProps {
  label: string;
  onSubmit: () => void;
  children: ReactNode;
}

function Form({ label, onSubmit, children }: FormProps) {
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Stack gap="sm">{children}</Stack>
    </form>
  );
}

function SnoozeFields({ onSubmit, foot }: FieldsProps) {
  const [now] = useState(serverNow);
  const [choice, setChoice] = useState('morning');
  const [typed, setTyped] = useState('');
  const choices = snoozeChoices(now);
  const chosen = choices.find(({ id }) => id === choice);
  const until = chosen ? chosen.until : untilOf(typed, now);
  const ready = chosen !== undefined || until !== null;
  return (
    <Form label="Snooze" onSubmit={() => onSubmit({ kind: 'snooze', until })}>
      <Text size="sm">
        A snoozed alert colours nothing and counts nowhere. It comes back by itself, and resolves with its cause.
      </Text>
      <Radio.Group value={choice} onChange={setChoice} aria-label="How long">
        <Stack gap={8}>
          {choices.map(({ id, label }) => (
            <Radio key={id} size="xs" value={id} label={label} />
          ))}
          <Radio size="xs" value="typed" label="Until…" />
        </Stack>
      </Radio.Group>
      {!chosen && (
        <TextInput
          type="datetime-local"
          size="xs"
          label="Until"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={typed !== '' && until === null && 'Choose a time within the next year'}
        />
      )}
      {foot('Snooze', ready)}
    </Form>
  );
}

function AssignFields({ alerts, onSubmit, foot }: FieldsProps) {
  const { data: people, error, refetch } = useQuery(
    assigneesQuery(common(alerts, ({ customer_id: customer }) => customer)),
  );
  const [technician, setTechnician] = useState(() => common(alerts, ({ assigned_id: id }) => id));
  return (
    <Form label="Assign" onSubmit={() => onSubmit({ kind: 'assign', technician: technician || null })}>
      {error && !people && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!people && !error && <Loading label="technicians" height={52} />}
      {people && (
        <NativeSelect
          size="xs"
          label="Technician"
          data-autofocus
          value={technician}
          data={[
            { value: '', label: 'Nobody' },
            ...people.items.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => setTechnician(event.currentTarget.value)}
        />
      )}
      {foot('Assign', people !== undefined)}
    </Form>
  );
}

function TicketFields({ alerts, onSubmit, foot }: FieldsProps) {
  const [ticket, setTicket] = useState(() => common(alerts, (alert) => alert.ticket));
  return (
    <Form label="Ticket" onSubmit={() => onSubmit({ kind: 'ticket', ticket: ticket.trim() })}>
      <TextInput
        size="xs"
        label="Ticket"
        description="A number, or the address of its page. Nothing removes it."
        data-autofocus
        maxLength={TICKET_CHARACTERS}
        value={ticket}
        onChange={(event) => setTicket(event.currentTarget.value)}
      />
      {foot(ticket.trim() === '' ? 'Remove the ticket' : 'Save the ticket', true)}
    </Form>
  );
}

function NoteFields({ onSubmit, foot }: FieldsProps) {
  const [text, setText] = useState('');
  return (
    <Form label="Note" onSubmit={() => onSubmit({ kind: 'note', text: text.trim() })}>
      <Textarea
        size="xs"
        label="Note"
        data-autofocus
        rows={4}
        maxLength={NOTE_CHARACTERS}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {foot('Add the note', text.trim() !== '')}
    </Form>
  );
}
