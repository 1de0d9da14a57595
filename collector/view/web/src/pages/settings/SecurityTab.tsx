import { Button, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { removeTotp, renewRecoveryCodes, securityQuery } from '../../api/access';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { Loading } from '../../parts/Loading';
import { ProblemNotice, WarningNotice } from '../../parts/Notice';
import { CodeForm } from '../login/CodeForm';
import { PasswordDialog } from '../login/PasswordDialog';
import { RecoveryCodes } from '../login/RecoveryCodes';
import { TotpSetUp } from '../login/TotpSetUp';
import classes from './settings.module.css';

/** With fewer it is time for others. */
const FEW_CODES = 3;

type Doing = { what: 'setUp'; code: string } | { what: 'codeFirst' | 'renew' | 'remove' | 'password' } | null;

/** One's own password and second step. */
export function SecurityTab() {
  useTitle('My security', 'Settings');
  const queries = useQueryClient();
  const { data: state, error, refetch } = useQuery(securityQuery);
  const [doing, setDoing] = useState<Doing>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => {
    setDoing(null);
    setCodes(null);
    void queries.invalidateQueries({ queryKey: ['account'] });
    void queries.invalidateQueries({ queryKey: ['session'] });
  };
  if (error && !state) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!state) return <Loading label="my security" height={120} />;
  return (
    <section className={classes.section} aria-label="My security">
      <div className={classes.card}>
        <h2>Second step</h2>
        <p>
          {state.has_totp
            ? 'A log-in asks for a code of your phone, after the password.'
            : 'The password alone lets you in. A second step asks for a code of your phone, too.'}
        </p>
        {state.has_totp && state.recovery_codes_left <= FEW_CODES && (
          <WarningNotice>{counted(state.recovery_codes_left, 'recovery code')} left: make others.</WarningNotice>
        )}
        {state.has_totp && state.recovery_codes_left > FEW_CODES && (
          <span className={classes.muted}>{counted(state.recovery_codes_left, 'recovery code')} left</span>
        )}
        <div className={classes.actions}>
          {!state.has_totp && (
            <Button size="xs" onClick={() => setDoing({ what: 'setUp', code: '' })}>
              Set up a second step
            </Button>
          )}
          {state.has_totp && (
            <>
              <Button size="xs" variant="default" onClick={() => setDoing({ what: 'codeFirst' })}>
                Use another phone
              </Button>
              <Button size="xs" variant="default" onClick={() => setDoing({ what: 'renew' })}>
                Make other recovery codes
              </Button>
            </>
          )}
          {state.has_totp && !state.totp_required && (
            <Button size="xs" variant="default" onClick={() => setDoing({ what: 'remove' })}>
              Remove the second step
            </Button>
          )}
        </div>
      </div>
      <div className={classes.card}>
        <h2>Password</h2>
        <div className={classes.actions}>
          <Button size="xs" variant="default" onClick={() => setDoing({ what: 'password' })}>
            Change password
          </Button>
        </div>
      </div>
      {doing?.what === 'password' && <PasswordDialog onClose={close} />}
      <Modal
        opened={doing !== null && doing.what !== 'password'}
        onClose={close}
        title={doing?.what === 'remove' ? 'Remove the second step' : doing?.what === 'renew' ? 'Recovery codes' : 'Second step'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {doing?.what === 'setUp' && <TotpSetUp code={doing.code} onDone={close} />}
        {doing?.what === 'codeFirst' && (
          <CodeForm
            name="Code of the phone of now"
            action="Go on"
            send={(code) => Promise.resolve(code)}
            onDone={(code) => setDoing({ what: 'setUp', code })}
          />
        )}
        {doing?.what === 'renew' && !codes && (
          <CodeForm
            name="Make other recovery codes"
            action="Make them"
            send={renewRecoveryCodes}
            onDone={(made) => setCodes(made.codes)}
          />
        )}
        {codes && <RecoveryCodes codes={codes} onDone={close} />}
        {doing?.what === 'remove' && (
          <CodeForm name="Remove the second step" action="Remove it" send={removeTotp} onDone={close} />
        )}
      </Modal>
    </section>
  );
}
