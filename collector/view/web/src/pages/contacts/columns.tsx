import { UnstyledButton } from '@mantine/core';
import type { ContactRow } from '../../api/types';
import { date } from '../../format/time';
import { capitalised } from '../../format/words';
import { RowLink } from '../../parts/RowLink';
import type { TableColumn } from '../../table/columns';
import classes from './contacts.module.css';

/** A press on a name opens the contact, where somebody may edit it. */
export function contactColumns(onOpen: ((contact: ContactRow) => void) | null): TableColumn<ContactRow>[] {
  return [
    {
      id: 'name',
      label: 'Contact name',
      width: 200,
      card: 'title',
      permanent: 'first',
      cell: (contact) =>
        onOpen ? (
          <UnstyledButton className={classes.name} onClick={() => onOpen(contact)} title={contact.name}>
            {contact.name}
          </UnstyledButton>
        ) : (
          contact.name
        ),
    },
    { id: 'job_title', label: 'Job title', width: 150, card: 'half', cell: ({ job_title: title }) => title },
    {
      id: 'email',
      label: 'Email',
      width: 210,
      card: 'half',
      cell: ({ email }) =>
        email && (
          <a href={`mailto:${encodeURIComponent(email)}`} title={email}>
            {email}
          </a>
        ),
    },
    { id: 'phone', label: 'Phone', width: 140, card: 'half', cell: ({ phone }) => phone },
    { id: 'mobile', label: 'Mobile', width: 140, card: 'half', cell: ({ mobile }) => mobile },
    {
      id: 'device',
      label: 'Associated device',
      width: 160,
      card: 'half',
      cell: ({ device_id: id, device_name: name }) =>
        id && (
          <RowLink href={`/devices/${id}`} title={name}>
            {name}
          </RowLink>
        ),
    },
    {
      id: 'status',
      label: 'Status',
      width: 100,
      card: 'corner',
      cell: ({ status }) => capitalised(status),
    },
    { id: 'modified', label: 'Last modified', width: 110, card: 'half', cell: ({ modified_ms: at }) => date(at) },
  ];
}
