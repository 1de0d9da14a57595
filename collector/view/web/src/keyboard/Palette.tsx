import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type KeyboardEvent } from 'react';
import { customersQuery, jumpQuery } from '../api/requests';
import { IconSearch } from '../parts/icons';
import { ProblemNotice } from '../parts/Notice';
import { EVERY_CUSTOMER } from '../state/customerSearch';
import classes from './keyboard.module.css';

const PAUSE_MS = 120;
const CUSTOMERS = 5;
/** Fewer letters would find nearly everything. */
const LEAST_LETTERS = 2;

interface Choice {
  id: string;
  label: string;
  note: string;
  go: () => void;
}

interface PaletteProps {
  onClose: () => void;
  onKeys: () => void;
}

/** Jumps to a device, a customer or a page by some letters of its name. */
export default function Palette({ onClose, onKeys }: PaletteProps) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const [settled] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const asks = { enabled: settled.length >= LEAST_LETTERS };
  const devices = useQuery({ ...jumpQuery(settled), ...asks });
  const customers = useQuery({ ...customersQuery({ ...EVERY_CUSTOMER, search: settled }), ...asks });

  const to = (path: string) => () => {
    onClose();
    void navigate({ to: path });
  };
  const pages: Choice[] = [
    { id: 'page-customers', label: 'Customers', note: 'page', go: to('/') },
    { id: 'page-devices', label: 'Devices of all customers', note: 'page', go: to('/devices') },
    { id: 'page-alerts', label: 'Alerts of all customers', note: 'page', go: to('/alerts') },
    { id: 'page-updates', label: 'Updates', note: 'page', go: to('/updates') },
    { id: 'page-keys', label: 'Keys', note: 'help', go: onKeys },
  ];
  const letters = typed.trim().toLowerCase();
  // What was found for other letters must not be what Enter opens.
  const found = asks.enabled && settled.toLowerCase() === letters;
  const choices: Choice[] = [
    ...(found ? (devices.data?.items ?? []) : []).map((device) => ({
      id: device.id,
      label: device.name,
      note: `device of ${device.customer_name}`,
      go: to(`/devices/${device.id}`),
    })),
    ...(found ? (customers.data?.items ?? []).slice(0, CUSTOMERS) : []).map((customer) => ({
      id: customer.id,
      label: customer.name,
      note: 'customer',
      go: to(`/customers/${customer.id}/devices`),
    })),
    ...pages.filter(({ label }) => label.toLowerCase().includes(letters)),
  ];
  const current = Math.min(place, choices.length - 1);

  const type = (text: string) => {
    setTyped(text);
    setPlace(0);
  };
  const press = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setPlace((current + step + choices.length) % Math.max(choices.length, 1));
    if (event.key === 'Enter') choices[current]?.go();
    if (step !== 0 || event.key === 'Enter') event.preventDefault();
  };
  const error = devices.error ?? customers.error;
  return (
    <Modal opened onClose={onClose} title="Jump to" size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="palette-choices"
        aria-activedescendant={choices[current] && `palette-${choices[current].id}`}
        aria-label="Device, customer or page"
        placeholder="Device, customer or page"
        leftSection={<IconSearch size={14} />}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
      />
      {error && <ProblemNotice error={error} />}
      <div role="listbox" id="palette-choices" aria-label="Places" className={classes.choices}>
        {choices.map(({ id, label, note, go }, at) => (
          <div
            key={id}
            id={`palette-${id}`}
            role="option"
            aria-selected={at === current}
            className={classes.choice}
            onClick={go}
          >
            <span>{label}</span>
            <span>{note}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && <div className={classes.nothing}>Nothing has this name.</div>}
    </Modal>
  );
}
