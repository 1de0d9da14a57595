import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { addCustomer } from '../../api/requests';
import { ProblemNotice } from '../../parts/Notice';

/** It is there while it is drawn. */
export function NewCustomerDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: addCustomer,
    onSuccess: (customer) => {
      void queries.invalidateQueries({ queryKey: ['customers'] });
      onClose();
      void navigate({ to: '/customers/$customerId/devices', params: { customerId: customer.id } });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    add.mutate(name.trim());
  };
  return (
    <Modal opened onClose={onClose} title="Add customer" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} aria-label="Add customer">
        <Stack gap="sm">
          <TextInput
            label="Customer name"
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {add.error && <ProblemNotice error={add.error} />}
          <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
            Save customer
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
