import { Button, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { endTechniciansSessions, removeTechniciansTotp, resetTechnician, techniciansQuery } from '../../api/access';
import { sessionQuery } from '../../api/requests';
import type { TechnicianMade, TechnicianRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { IconPlus } from '../../parts/icons';
import { ConfirmButton } from './ConfirmButton';
import { FirstPassword } from './FirstPassword';
import { limitWords } from './limits';
import classes from './settings.module.css';
import { TechnicianForm } from './TechnicianForm';

type Open = { what: 'add' } | { what: 'change'; technician: TechnicianRow } | { what: 'made'; made: TechnicianMade } | null;

/** Who works here, as what, and for whom. */
export function TechniciansTab() {
  useTitle('Technicians', 'Settings');
  const queries = useQueryClient();
  const mayChange = useMay('access.write');
  const { data: session } = useQuery(sessionQuery);
  const { data, error, refetch } = useQuery(techniciansQuery);
  const [open, setOpen] = useState<Open>(null);
  const changed = () => void queries.invalidateQueries({ queryKey: ['technicians'] });
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="technicians" height={160} />;
  const title =
    open?.what === 'add' ? 'Add technician' : open?.what === 'change' ? open.technician.name : 'To be handed over';
  return (
    <section className={classes.section} aria-label="Technicians">
      <div className={classes.head}>
        <span className={classes.muted}>{counted(data.items.length, 'technician')}</span>
        {mayChange && (
          <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setOpen({ what: 'add' })}>
            Add technician
          </Button>
        )}
      </div>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label="List of technicians">
        <table className={classes.table} aria-label="Technicians">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Sees</th>
              <th scope="col">Second step</th>
              <th scope="col">State</th>
              {mayChange && <th scope="col">Actions</th>}
            </tr>
          </thead>
          <tbody>
            {data.items.map((technician) => (
              <tr key={technician.id}>
                <td>
                  {technician.name}{' '}
                  {technician.id === session?.technician_id && <span className={classes.tag}>you</span>}
                </td>
                <td>{technician.role_name || 'none'}</td>
                <td>{limitWords(technician, 'all')}</td>
                <td>{technician.has_totp ? 'set up' : 'none'}</td>
                <td>{stateOf(technician)}</td>
                {mayChange && (
                  <td>
                    <div className={classes.actions}>
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Change ${technician.name}`}
                        onClick={() => setOpen({ what: 'change', technician })}
                      >
                        Change
                      </Button>
                      <ConfirmButton
                        label="New password"
                        title={`New first password for ${technician.name}`}
                        question="The password of now is void, and all sessions end."
                        action="Make it"
                        run={async () => setOpen({ what: 'made', made: await resetTechnician(technician.id) })}
                        onDone={changed}
                      />
                      {technician.has_totp && (
                        <ConfirmButton
                          label="Remove second step"
                          title={`Remove the second step of ${technician.name}`}
                          question="Do it only for who lost the phone and the recovery codes, and make sure who asks. All sessions end."
                          action="Remove it"
                          run={() => removeTechniciansTotp(technician.id)}
                          onDone={changed}
                        />
                      )}
                      <ConfirmButton
                        label="End sessions"
                        title={`End all sessions of ${technician.name}`}
                        question="Whoever is logged in under this name is logged out at once. Tokens for programs stay."
                        action="End them"
                        run={() => endTechniciansSessions(technician.id)}
                        onDone={changed}
                      />
                    </div>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={title}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {open?.what === 'made' && <FirstPassword made={open.made} onDone={() => setOpen(null)} />}
        {(open?.what === 'add' || open?.what === 'change') && (
          <TechnicianForm
            technician={open.what === 'change' ? open.technician : null}
            onSaved={(made) => {
              changed();
              setOpen(made ? { what: 'made', made } : null);
            }}
          />
        )}
      </Modal>
    </section>
  );
}

function stateOf(technician: TechnicianRow): string {
  if (technician.disabled) return 'disabled';
  return technician.must_change_password ? 'has not chosen a password yet' : 'may log in';
}
