import type { AlertRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import classes from './alerts.module.css';
import { useAlertWork } from './AlertWorkProvider';
import { ticketAddress, ticketLabel } from './work';

/** The ticket, opened where it is an address, and a way to set another one. */
export function TicketCell({ alert }: { alert: AlertRow }) {
  const { ask } = useAlertWork();
  const mayWork = useMay('alerts.write');
  const { ticket } = alert;
  const address = ticketAddress(ticket);
  return (
    <span className={classes.ticket}>
      {address ? (
        <a href={address} target="_blank" rel="noopener noreferrer" title={ticket}>
          {ticketLabel(ticket)}
        </a>
      ) : (
        ticket && <span title={ticket}>{ticket}</span>
      )}
      {mayWork && (
        <button
          type="button"
          className={classes.change}
          aria-label={`${ticket ? 'Change' : 'Add'} the ticket of ${alert.title}, ${alert.device_name}`}
          onClick={() => ask('ticket', [alert])}
        >
          {ticket ? 'Change' : 'Add'}
        </button>
      )}
    </span>
  );
}
