import { Button, Checkbox, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { addTechnician, changeTechnician, rolesQuery, techniciansQuery } from '../../api/access';
import { ApiError } from '../../api/problem';
import type { TechnicianMade, TechnicianRow } from '../../api/types';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { CustomerChoice } from './CustomerChoice';
import { type Limit, wishOf } from './limits';

interface TechnicianFormProps {
  /** null: a new one. */
  technician: TechnicianRow | null;
  /** With the first password of a new one. */
  onSaved: (made: TechnicianMade | null) => void;
}

const CONFLICT = 409;

/** Name, role and limits of a technician. */
export function TechnicianForm({ technician, onSaved }: TechnicianFormProps) {
  const queries = useQueryClient();
  const { data: roles, error: noRoles } = useQuery(rolesQuery);
  const [base, setBase] = useState(technician);
  const [name, setName] = useState(technician?.name ?? '');
  const [role, setRole] = useState(technician?.role_id ?? 'technician');
  const [limit, setLimit] = useState<Limit>({
    all: technician?.all_customers ?? false,
    customers: technician?.customers ?? [],
    folders: technician?.folders ?? [],
  });
  const [disabled, setDisabled] = useState(technician?.disabled ?? false);

  const save = useMutation({
    mutationFn: async (): Promise<TechnicianMade | null> => {
      const wish = {
        name: name.trim(),
        role_id: role,
        ...wishOf(limit),
      };
      if (!base) return addTechnician(wish);
      await changeTechnician(base.id, { ...wish, disabled, version: base.version });
      return null;
    },
    onSuccess: onSaved,
  });
  const load = async () => {
    const { items } = await queries.query({ ...techniciansQuery, staleTime: 0 });
    const there = items.find(({ id }) => id === base?.id);
    if (!there) return;
    setBase(there);
    setName(there.name);
    setRole(there.role_id);
    setLimit({ all: there.all_customers, customers: there.customers, folders: there.folders });
    setDisabled(there.disabled);
    save.reset();
  };
  const stale = save.error instanceof ApiError && save.error.status === CONFLICT && save.error.problem.field === 'version';
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (noRoles) return <ProblemNotice error={noRoles} />;
  if (!roles) return <Loading label="roles" height={160} />;
  return (
    <form onSubmit={submit} aria-label={base ? 'Change technician' : 'Add technician'}>
      <Stack gap="sm">
        <TextInput
          label="User name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          label="Role"
          value={role}
          data={roles.items.map(({ id, name: label }) => ({ value: id, label }))}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
        <CustomerChoice limit={limit} allLabel="All, also those that come later" onChange={setLimit} />
        {base && (
          <Checkbox
            size="xs"
            label="Disabled: may not log in, and tokens do not work"
            checked={disabled}
            onChange={(event) => setDisabled(event.currentTarget.checked)}
          />
        )}
        {save.error && <ProblemNotice error={save.error} />}
        {stale && (
          <Button size="xs" variant="default" onClick={() => void load()}>
            Load what is there now
          </Button>
        )}
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          {base ? 'Save' : 'Add, and show the first password'}
        </Button>
      </Stack>
    </form>
  );
}
