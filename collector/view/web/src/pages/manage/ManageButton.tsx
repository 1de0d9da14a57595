import { IconChevronDown } from '../../parts/icons';
import classes from './manage.module.css';
import { useManageDesk, type ManagedDevice } from './ManageProvider';

/** Opens what can be done with the device of a row. A plain button: a list has many. */
export function ManageButton({ device }: { device: ManagedDevice }) {
  const { opened, toggle } = useManageDesk();
  return (
    <button
      type="button"
      className={classes.button}
      aria-label={`Manage ${device.name}`}
      aria-haspopup="menu"
      aria-expanded={opened === device.id}
      onClick={(event) => toggle(device, event.currentTarget)}
    >
      Manage <IconChevronDown size={13} />
    </button>
  );
}
