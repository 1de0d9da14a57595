import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api/problem';
import { addContact, deleteContact, editContact } from '../../api/requests';
import type { ContactEdit, ContactRow } from '../../api/types';
import { capitalised } from '../../format/words';
import { Dialog } from '../../parts/Dialog';
import { deviceFilter } from '../../state/deviceSearch';
import { CONTACT_STATUSES } from '../../state/vocabulary';
import { allDevices } from '../organise/allDevices';
import classes from './contacts.module.css';

const LINES = [
  ['name', 'Contact name'],
  ['job_title', 'Job title'],
  ['email', 'Email'],
  ['phone', 'Phone'],
  ['mobile', 'Mobile'],
] as const;

const NOBODY: ContactEdit = {
  name: '',
  job_title: '',
  email: '',
  phone: '',
  mobile: '',
  device_id: null,
  status: 'active',
  version: 0,
};

function editOf(contact: ContactRow): ContactEdit {
  const { name, job_title, email, phone, mobile, device_id, status, version } = contact;
  return { name, job_title, email, phone, mobile, device_id, status, version };
}

interface ContactDialogProps {
  customer: string;
  /** Absent: a new one. */
  contact?: ContactRow;
  onClose: () => void;
}

/** Adds, changes or deletes a contact. */
export function ContactDialog({ customer, contact, onClose }: ContactDialogProps) {
  const queries = useQueryClient();
  const [edit, setEdit] = useState(() => (contact ? editOf(contact) : NOBODY));
  const { data: devices } = useQuery({
    queryKey: ['devices', customer, 'names'],
    queryFn: () => allDevices(customer, deviceFilter({})),
  });
  const done = async () => {
    await queries.invalidateQueries({ queryKey: ['customers', 'contacts', customer] });
    onClose();
  };
  const save = useMutation({
    mutationFn: () => (contact ? editContact(contact.id, edit) : addContact(customer, edit)),
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: () => deleteContact(contact?.id ?? ''), onSuccess: done });
  const error = save.error ?? remove.error;
  const wrong = error instanceof ApiError ? error.problem.field : '';
  const change = (part: Partial<ContactEdit>) => setEdit((before) => ({ ...before, ...part }));
  const names = (devices ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Dialog
      title={contact ? `Edit ${contact.name}` : 'Add contact'}
      onClose={onClose}
      action="Save contact"
      onAction={() => save.mutate()}
      disabled={edit.name.trim() === ''}
      pending={save.isPending}
      error={error}
    >
      <div className={classes.form}>
        {LINES.map(([field, label], place) => (
          <TextInput
            key={field}
            label={label}
            data-autofocus={place === 0 || undefined}
            value={edit[field]}
            error={wrong === field}
            onChange={(event) => change({ [field]: event.currentTarget.value })}
          />
        ))}
        <NativeSelect
          label="Associated device"
          value={edit.device_id ?? ''}
          data={[{ value: '', label: 'None' }, ...names]}
          onChange={({ currentTarget }) => change({ device_id: currentTarget.value || null })}
        />
        <NativeSelect
          label="Status"
          value={edit.status}
          data={CONTACT_STATUSES.map((status) => ({ value: status, label: capitalised(status) }))}
          onChange={({ currentTarget }) => change({ status: currentTarget.value })}
        />
      </div>
      {contact && (
        <Button size="compact-xs" variant="subtle" color="red.8" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete contact
        </Button>
      )}
    </Dialog>
  );
}
