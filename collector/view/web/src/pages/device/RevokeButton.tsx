import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { ProblemNotice } from '../../parts/Notice';

/** Takes a device's certificate away, after asking. */
export function RevokeButton({ device }: { device: DeviceRow }) {
  const queries = useQueryClient();
  const mayRevoke = useMay('devices.write');
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => revokeDevice(device.id),
    onSuccess: (row) => {
      queries.setQueryData(['device', device.id], row);
      void queries.invalidateQueries({ queryKey: ['devices'] });
      setAsking(false);
    },
  });
  if (!mayRevoke) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Revoke device
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${device.name}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="sm">
          <Text size="sm">
            Its connection is closed and its certificate is no longer accepted. What it told stays. To bring it back, it
            must be enrolled again with a new token.
          </Text>
          {revoke.error && <ProblemNotice error={revoke.error} />}
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" data-autofocus onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button size="xs" color="red.8" loading={revoke.isPending} onClick={() => revoke.mutate()}>
              Revoke
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
