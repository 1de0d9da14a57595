import { Button, Checkbox, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { removeRole, rolesQuery, saveRole } from '../../api/access';
import type { PermissionRow, RoleRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { useTitle } from '../../app/useTitle';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { IconPlus } from '../../parts/icons';
import { ConfirmButton } from './ConfirmButton';
import { PermissionChoice } from './PermissionChoice';
import classes from './settings.module.css';

/** Only the built-in owner has it. */
const OWN = 'collector.own';

/** What technicians may do, by role. */
export function RolesTab() {
  useTitle('Roles', 'Settings');
  const queries = useQueryClient();
  const mayChange = useMay('access.write');
  const mayOwn = useMay(OWN);
  const { data, error, refetch } = useQuery(rolesQuery);
  const [open, setOpen] = useState<RoleRow | 'new' | null>(null);
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ['roles'] });
    void queries.invalidateQueries({ queryKey: ['session'] });
    setOpen(null);
  };
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="roles" height={160} />;
  return (
    <section className={classes.section} aria-label="Roles">
      <div className={classes.head}>
        <span className={classes.muted}>Name and permissions of built-in roles stay as they are.</span>
        {mayChange && (
          <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setOpen('new')}>
            Add role
          </Button>
        )}
      </div>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label="List of roles">
        <table className={classes.table} aria-label="Roles">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">May</th>
              <th scope="col">Second step</th>
              {mayChange && <th scope="col">Actions</th>}
            </tr>
          </thead>
          <tbody>
            {data.items.map((role) => (
              <tr key={role.id}>
                <td>
                  {role.name} {role.built_in && <span className={classes.tag}>built in</span>}
                </td>
                <td>{role.permissions.length === data.permissions.length ? 'everything' : role.permissions.join(', ')}</td>
                <td>{role.totp_required ? 'needed' : 'as one likes'}</td>
                {mayChange && (
                  <td>
                    <div className={classes.actions}>
                      {(!role.built_in || mayOwn) && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`Change the role ${role.name}`}
                          onClick={() => setOpen(role)}
                        >
                          Change
                        </Button>
                      )}
                      {!role.built_in && (
                        <ConfirmButton
                          label="Remove"
                          title={`Remove the role ${role.name}`}
                          question="That works only where nobody has it."
                          action="Remove it"
                          run={() => removeRole(role.id)}
                          onDone={changed}
                        />
                      )}
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
        title={open === 'new' ? 'Add role' : 'Change role'}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {open !== null && (
          <RoleForm role={open === 'new' ? null : open} permissions={data.permissions} mayOwn={mayOwn} onSaved={changed} />
        )}
      </Modal>
    </section>
  );
}

interface RoleFormProps {
  role: RoleRow | null;
  permissions: PermissionRow[];
  mayOwn: boolean;
  onSaved: () => void;
}

function RoleForm({ role, permissions, mayOwn, onSaved }: RoleFormProps) {
  const [name, setName] = useState(role?.name ?? '');
  const [chosen, setChosen] = useState(role?.permissions ?? []);
  const [needed, setNeeded] = useState(role?.totp_required ?? false);
  const save = useMutation({
    mutationFn: () =>
      saveRole(role?.id ?? null, {
        name: name.trim(),
        permissions: chosen,
        totp_required: needed,
        version: role?.version ?? 0,
      }),
    onSuccess: onSaved,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} aria-label={role ? 'Change role' : 'Add role'}>
      <Stack gap="sm">
        {!role?.built_in && (
          <>
            <TextInput
              label="Role name"
              required
              withAsterisk={false}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PermissionChoice
              permissions={permissions.filter(({ word }) => word !== OWN)}
              chosen={chosen}
              onChange={setChosen}
            />
          </>
        )}
        {mayOwn && (
          <Checkbox
            size="xs"
            label={`${role?.built_in ? role.name : 'Whoever has it'} needs a second step at log-in`}
            checked={needed}
            onChange={(event) => setNeeded(event.currentTarget.checked)}
          />
        )}
        {save.error && <ProblemNotice error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          Save role
        </Button>
      </Stack>
    </form>
  );
}
