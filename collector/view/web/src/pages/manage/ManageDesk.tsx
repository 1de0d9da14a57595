import { useState } from 'react';
import type { DeviceRow } from '../../api/types';
import { EditDeviceDialog } from '../device/EditDeviceDialog';
import { DeedDialog, type Deed } from '../organise/DeedDialog';
import { ManageMenu } from './ManageMenu';
import type { AskedMenu } from './ManageProvider';

interface Question {
  deed: Deed | 'edit';
  device: DeviceRow;
}

interface ManageDeskProps {
  asked: AskedMenu | null;
  onClose: () => void;
}

/** The menu of one device, and the dialog that its items ask with. */
export function ManageDesk({ asked, onClose }: ManageDeskProps) {
  const [question, setQuestion] = useState<Question | null>(null);
  const close = () => setQuestion(null);
  return (
    <>
      {asked && (
        <ManageMenu
          key={asked.device.id}
          asked={asked}
          onClose={onClose}
          onAsk={(deed, device) => setQuestion({ deed, device })}
        />
      )}
      {question?.deed === 'edit' && <EditDeviceDialog device={question.device} onClose={close} />}
      {question && question.deed !== 'edit' && (
        <DeedDialog
          deed={question.deed}
          devices={new Map([[question.device.id, question.device]])}
          onClose={close}
          onDone={close}
        />
      )}
    </>
  );
}
