import { use } from 'react';
import { starDevice } from '../../api/requests';
import type { DeviceRow } from '../../api/types';
import { IconChevronDown, IconChevronRight, IconDevice, IconServer } from '../../parts/icons';
import { RowCheckbox } from '../../parts/RowCheckbox';
import { RowIcon } from '../../parts/RowIcon';
import { RowLink } from '../../parts/RowLink';
import { StarButton } from '../../parts/StarButton';
import type { CellContext } from '../../table/columns';
import { DraggerContext } from '../organise/dragging';
import classes from './devices.module.css';

interface NameCellProps {
  device: DeviceRow;
  context: CellContext;
}

/** The name, what can be done with the row, and in detailed rows what else one searches by: machine name, addresses. */
export function NameCell({ device, context: { compact, expanded, toggle, selected, select } }: NameCellProps) {
  const Icon = device.device_type.value === 'Server' ? IconServer : IconDevice;
  const host = device.host_name.value;
  const second = [host && host !== device.name ? host : null, ...device.addresses].filter(Boolean).join(' · ');
  const dragger = use(DraggerContext);
  return (
    <span
      className={classes.nameCell}
      draggable={dragger !== null || undefined}
      onDragStart={(event) => dragger?.begin(event, device)}
      onDragEnd={dragger?.end}
    >
      {select && <RowCheckbox label={`Select ${device.name}`} checked={selected} onChange={select} />}
      <RowIcon aria-label={`Reasons of ${device.name}`} aria-expanded={expanded} onClick={toggle}>
        {expanded ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
      </RowIcon>
      <StarButton
        name={device.name}
        starred={device.favourite}
        onChange={(starred) => starDevice(device.id, starred)}
        touches={['devices', 'device']}
      />
      <Icon />
      <span className={classes.names}>
        <RowLink href={`/devices/${device.id}`} className={classes.name} title={device.name}>
          {device.name}
        </RowLink>
        {!compact && second && (
          <span className={classes.second} title={second}>
            {second}
          </span>
        )}
      </span>
    </span>
  );
}
