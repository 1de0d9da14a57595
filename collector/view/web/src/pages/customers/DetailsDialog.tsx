import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { detailsQuery, saveDetails } from '../../api/requests';
import { ApiError } from '../../api/problem';
import type { CustomerDetails, CustomerEdit } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import classes from './customers.module.css';

const LINES = [
  ['name', 'Name'],
  ['phone', 'Phone'],
  ['postal_code', 'Postal code'],
  ['fax', 'Fax'],
  ['website', 'Website'],
  ['business_id', 'Business ID'],
] as const;

function editOf(details: CustomerDetails): CustomerEdit {
  const { name, rank, phone, address, postal_code, fax, domains, website, business_id, notes, custom_fields } = details;
  const { version } = details;
  return { name, rank, phone, address, postal_code, fax, domains, website, business_id, notes, custom_fields, version };
}

/** Changes what is written down about a customer; who changed it meanwhile is not overwritten. */
export function DetailsDialog({ details, onClose }: { details: CustomerDetails; onClose: () => void }) {
  const queries = useQueryClient();
  const [edit, setEdit] = useState(() => editOf(details));
  const [domains, setDomains] = useState(() => details.domains.join('\n'));
  const change = (part: Partial<CustomerEdit>) => setEdit((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: () =>
      saveDetails(details.id, {
        ...edit,
        domains: domains
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      }),
    onSuccess: async (kept) => {
      queries.setQueryData(detailsQuery(details.id).queryKey, kept);
      await queries.invalidateQueries({ queryKey: ['customers'] });
      onClose();
    },
  });
  const wrong = save.error instanceof ApiError ? save.error.problem.field : '';
  const changeField = (place: number, part: Partial<{ name: string; value: string }>) =>
    change({ custom_fields: edit.custom_fields.map((field, at) => (at === place ? { ...field, ...part } : field)) });
  return (
    <Dialog
      title={`Edit ${details.name}`}
      size="lg"
      onClose={onClose}
      action="Save details"
      onAction={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
    >
      <div className={classes.form}>
        {LINES.map(([field, label]) => (
          <TextInput
            key={field}
            label={label}
            value={edit[field]}
            error={wrong === field}
            onChange={(event) => change({ [field]: event.currentTarget.value })}
          />
        ))}
        <NativeSelect
          label="Rank"
          value={edit.rank}
          data={[{ value: '', label: 'None' }, 'A', 'B', 'C', 'D']}
          onChange={({ currentTarget }) => change({ rank: currentTarget.value })}
        />
      </div>
      <Textarea
        label="Address"
        autosize
        minRows={2}
        value={edit.address}
        error={wrong === 'address'}
        onChange={(event) => change({ address: event.currentTarget.value })}
      />
      <Textarea
        label="Domains, one a line"
        autosize
        minRows={2}
        value={domains}
        error={wrong === 'domains'}
        onChange={(event) => setDomains(event.currentTarget.value)}
      />
      <Stack gap={6} role="group" aria-label="Custom fields">
        {edit.custom_fields.map((field, place) => (
          // Fields have no identity but their place while they are edited.
          <Group key={place} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={`Name of field ${place + 1}`}
              placeholder="Field"
              value={field.name}
              onChange={(event) => changeField(place, { name: event.currentTarget.value })}
            />
            <TextInput
              className={classes.grow}
              aria-label={`Value of field ${place + 1}`}
              placeholder="Value"
              value={field.value}
              onChange={(event) => changeField(place, { value: event.currentTarget.value })}
            />
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`Remove field ${place + 1}`}
              onClick={() => change({ custom_fields: edit.custom_fields.filter((_, at) => at !== place) })}
            >
              Remove
            </Button>
          </Group>
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          className={classes.left}
          onClick={() => change({ custom_fields: [...edit.custom_fields, { name: '', value: '' }] })}
        >
          Add custom field
        </Button>
      </Stack>
      <Textarea
        label="Notes"
        autosize
        minRows={3}
        maxRows={10}
        value={edit.notes}
        error={wrong === 'notes'}
        onChange={(event) => change({ notes: event.currentTarget.value })}
      />
    </Dialog>
  );
}
