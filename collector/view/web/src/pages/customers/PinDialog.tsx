import { ActionIcon, Checkbox, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { pinnedQuery, savePinned } from '../../api/requests';
import type { CustomerDetails, PinnedFields } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import { IconArrowDown, IconArrowUp } from '../../parts/icons';
import classes from './customers.module.css';
import { fieldLabel, LEAST_PINNED, MOST_PINNED, pinnable } from './fields';

interface PinDialogProps {
  pinned: PinnedFields;
  details: CustomerDetails;
  onClose: () => void;
}

/** Which fields are pinned, and in which order: for all customers. */
export function PinDialog({ pinned, details, onClose }: PinDialogProps) {
  const queries = useQueryClient();
  const [version] = useState(pinned.version);
  const [fields, setFields] = useState(pinned.fields);
  const save = useMutation({
    mutationFn: () => savePinned({ fields, version }),
    onSuccess: (kept) => {
      queries.setQueryData(pinnedQuery.queryKey, kept);
      onClose();
    },
  });
  const swap = (place: number, by: -1 | 1) =>
    setFields((before) => {
      const next = [...before];
      const [one] = next.splice(place, 1);
      if (one !== undefined) next.splice(place + by, 0, one);
      return next;
    });
  const fits = fields.length >= LEAST_PINNED && fields.length <= MOST_PINNED;
  const others = pinnable(details).filter(({ id }) => !fields.includes(id));
  return (
    <Dialog
      title="Pinned fields of all customers"
      onClose={onClose}
      action="Save pinned fields"
      onAction={() => save.mutate()}
      disabled={!fits}
      pending={save.isPending}
      error={save.error}
    >
      <Text size="sm" aria-live="polite">
        {LEAST_PINNED} to {MOST_PINNED} fields; {fields.length} are chosen.
      </Text>
      <div className={classes.pins}>
        {fields.map((id, place) => (
          <Group key={id} gap={4} wrap="nowrap">
            <Checkbox
              size="xs"
              className={classes.pin}
              label={fieldLabel(id)}
              checked
              onChange={() => setFields(fields.filter((other) => other !== id))}
            />
            <ActionIcon
              variant="subtle"
              size="sm"
              color="gray"
              aria-label={`Move ${fieldLabel(id)} up`}
              disabled={place === 0}
              onClick={() => swap(place, -1)}
            >
              <IconArrowUp size={14} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              size="sm"
              color="gray"
              aria-label={`Move ${fieldLabel(id)} down`}
              disabled={place === fields.length - 1}
              onClick={() => swap(place, 1)}
            >
              <IconArrowDown size={14} />
            </ActionIcon>
          </Group>
        ))}
        {others.map(({ id, label }) => (
          <Checkbox
            key={id}
            size="xs"
            label={label}
            checked={false}
            disabled={fields.length >= MOST_PINNED}
            onChange={() => setFields([...fields, id])}
          />
        ))}
      </div>
    </Dialog>
  );
}
