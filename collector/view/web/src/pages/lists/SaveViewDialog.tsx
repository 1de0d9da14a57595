import { Button, Checkbox, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useMay } from '../../app/useMay';
import { ProblemNotice } from '../../parts/Notice';

/** As the API has it. */
const NAME_CHARACTERS = 60;

interface SaveViewDialogProps {
  name: string;
  shared: boolean;
  isNew: boolean;
  pending: boolean;
  error: Error | null;
  onSave: (name: string, shared: boolean) => void;
  onClose: () => void;
}

/** It is there while it is drawn. */
export function SaveViewDialog(props: SaveViewDialogProps) {
  const { isNew, pending, error, onSave, onClose } = props;
  const [name, setName] = useState(props.name);
  const [shared, setShared] = useState(props.shared);
  const mayShare = useMay('views.share');
  const title = isNew ? 'Save view' : 'Change view';
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSave(name.trim(), shared);
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} aria-label={title}>
        <Stack gap="sm">
          <TextInput
            label="Name of the view"
            description="It keeps the filter, what is chosen above the list, order, columns and density as they are now."
            required
            withAsterisk={false}
            maxLength={NAME_CHARACTERS}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {mayShare && (
            <Checkbox
              size="xs"
              label="Share it with all technicians"
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          {error && <ProblemNotice error={error} />}
          <Button type="submit" loading={pending} disabled={name.trim() === ''}>
            Save view
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
