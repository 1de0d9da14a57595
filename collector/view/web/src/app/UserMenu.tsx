import { Button, Popover, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { logOut, sessionQuery, systemQuery } from '../api/requests';
import { bytes } from '../format/units';
import { IconChevronDown, IconUser } from '../parts/icons';
import { ProblemNotice } from '../parts/Notice';
import classes from './UserMenu.module.css';

const PasswordDialog = lazy(async () => ({ default: (await import('../pages/login/PasswordDialog')).PasswordDialog }));

/** Who is logged in, what runs here, and the way to what one can do about oneself. */
export function UserMenu() {
  const queries = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const [opened, setOpened] = useState(false);
  const [changing, setChanging] = useState(false);
  const { data: system } = useQuery({ ...systemQuery, enabled: opened });
  const leave = useMutation({
    mutationFn: logOut,
    onSuccess: () => {
      // First the session, which the page listens to; then what nobody else may find here.
      queries.setQueryData(['session'], null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    },
  });
  const name = session?.name ?? '';
  const change = () => {
    setOpened(false);
    setChanging(true);
  };

  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus withRoles>
        <Popover.Target>
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconUser />}
            rightSection={<IconChevronDown size={13} />}
            aria-label={`Account: ${name}`}
            classNames={{ label: classes.name }}
            onClick={() => setOpened(!opened)}
          >
            {name}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Account">
          <Stack gap={4} align="stretch">
            <div className={classes.about}>
              Rollcall {system?.version ?? '…'}
              {system && <div>{bytes(system.data_bytes)} of data</div>}
              {session && <div>Role: {session.role_name}</div>}
            </div>
            {leave.error && <ProblemNotice error={leave.error} />}
            <Button
              size="xs"
              variant="default"
              renderRoot={(props) => <Link {...props} to="/settings" />}
              onClick={() => setOpened(false)}
            >
              Settings
            </Button>
            <Button size="xs" variant="default" onClick={change}>
              Change password
            </Button>
            <Button size="xs" variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
              Log out
            </Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {changing && (
        <Suspense fallback={null}>
          <PasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
