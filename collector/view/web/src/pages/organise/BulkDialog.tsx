import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { BulkAnswer } from '../../api/types';
import { Dialog } from '../../parts/Dialog';
import type { ChosenDevice } from './chosenDevices';
import { Outcome } from './Outcome';
import { readDevicesAgain } from './readAgain';

interface BulkDialogProps {
  title: string;
  devices: ReadonlyMap<string, ChosenDevice>;
  action: string;
  danger?: boolean;
  size?: string;
  disabled?: boolean;
  act: (ids: string[]) => Promise<BulkAnswer>;
  onClose: () => void;
  /** It was done, at least for some of them. */
  onDone: () => void;
  children: ReactNode;
}

/** Asks before something is done with several devices, and says afterwards for which it was not. */
export function BulkDialog(props: BulkDialogProps) {
  const { title, devices, act, onClose, onDone, children } = props;
  const queries = useQueryClient();
  const [names] = useState(devices);
  const work = useMutation({
    mutationFn: () => act([...devices.keys()]),
    onSuccess: async (answer) => {
      await readDevicesAgain(queries);
      onDone();
      if (answer.items.every(({ done }) => done)) onClose();
    },
  });
  if (work.data) {
    return (
      <Dialog title={title} onClose={onClose} action="Close" onAction={onClose}>
        <Outcome answer={work.data} names={names} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      action={props.action}
      danger={props.danger}
      size={props.size}
      disabled={props.disabled}
      onAction={() => work.mutate()}
      pending={work.isPending}
      error={work.error}
    >
      {children}
    </Dialog>
  );
}
