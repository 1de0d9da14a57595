import { monitorDevices, restoreDevices } from '../../api/requests';
import { counted } from '../../format/words';
import { BulkDialog } from './BulkDialog';
import type { ChosenDevice } from './chosenDevices';
import { MoveDialog } from './MoveDialog';
import { PurgeDialog } from './PurgeDialog';
import { RetireDialog } from './RetireDialog';

/** What is asked about before it is done with devices. */
export type Deed = 'move' | 'monitor' | 'unmonitor' | 'retire' | 'restore' | 'purge';

interface DeedDialogProps {
  deed: Deed;
  devices: ReadonlyMap<string, ChosenDevice>;
  onClose: () => void;
  /** It was done, at least for some of them. */
  onDone: () => void;
}

/** Asks, and says what it means, before something is done with one device or many. */
export function DeedDialog({ deed, ...asked }: DeedDialogProps) {
  const { devices } = asked;
  const [first] = devices.values();
  const they = (devices.size === 1 && first?.name) || counted(devices.size, 'device');
  switch (deed) {
    case 'move':
      return <MoveDialog customer={first?.customer_id ?? ''} {...asked} />;
    case 'retire':
      return <RetireDialog {...asked} />;
    case 'purge':
      return <PurgeDialog {...asked} />;
    case 'monitor':
      return (
        <BulkDialog title={`Monitor ${they}?`} action="Monitor" act={(ids) => monitorDevices(ids, true)} {...asked}>
          What is not well raises alerts again, after its usual time.
        </BulkDialog>
      );
    case 'unmonitor':
      return (
        <BulkDialog
          title={`Do not monitor ${they}?`}
          action="Do not monitor"
          act={(ids) => monitorDevices(ids, false)}
          {...asked}
        >
          Open alerts resolve and no new ones are raised. What is told is shown all the same.
        </BulkDialog>
      );
    case 'restore':
      return (
        <BulkDialog title={`Take ${they} back?`} action="Take back" act={restoreDevices} {...asked}>
          The certificate that was there before is accepted again.
        </BulkDialog>
      );
  }
}
