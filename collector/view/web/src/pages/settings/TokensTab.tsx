import { Button, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { addApiToken, apiTokensQuery, removeApiToken } from '../../api/access';
import { sessionQuery } from '../../api/requests';
import type { ApiTokenMade } from '../../api/types';
import { useTitle } from '../../app/useTitle';
import { elapsed, stamp } from '../../format/time';
import { Loading } from '../../parts/Loading';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { IconPlus } from '../../parts/icons';
import { useNow } from '../../state/clock';
import { CommandBox } from '../enrol/CommandBox';
import { ConfirmButton } from './ConfirmButton';
import { CustomerChoice } from './CustomerChoice';
import { type Limit, limitWords, wishOf } from './limits';
import { PermissionChoice } from './PermissionChoice';
import classes from './settings.module.css';

const DAY_S = 24 * 3600;
const LIVES = [
  { value: String(7 * DAY_S), label: '7 days' },
  { value: String(30 * DAY_S), label: '30 days' },
  { value: String(90 * DAY_S), label: '90 days' },
  { value: String(365 * DAY_S), label: 'a year' },
];

/** One's own tokens for programs. */
export function TokensTab() {
  useTitle('My tokens', 'Settings');
  const queries = useQueryClient();
  const now = useNow();
  const { data, error, refetch } = useQuery(apiTokensQuery);
  const [adding, setAdding] = useState(false);
  const changed = () => void queries.invalidateQueries({ queryKey: ['account', 'tokens'] });
  if (error && !data) return <ProblemNotice error={error} retry={() => void refetch()} />;
  if (!data) return <Loading label="my tokens" height={120} />;
  return (
    <section className={classes.section} aria-label="My tokens">
      <div className={classes.head}>
        <span className={classes.muted}>Programs send one as “Authorization: Bearer rc_…”.</span>
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
          Make a token
        </Button>
      </div>
      {data.items.length === 0 ? (
        <EmptyNotice title="No tokens yet">A program that asks the collector needs one.</EmptyNotice>
      ) : (
        <div className={classes.scroller} tabIndex={0} role="region" aria-label="Tokens">
          <table className={classes.table} aria-label="My tokens">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">May</th>
                <th scope="col">Sees</th>
                <th scope="col">Last used</th>
                <th scope="col">Ends</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((token) => (
                <tr key={token.id}>
                  <td>{token.name}</td>
                  <td>{token.permissions.join(', ')}</td>
                  <td>{limitWords(token, 'all that you see')}</td>
                  <td>{token.used_ms ? elapsed(token.used_ms, now) : 'never'}</td>
                  <td>
                    {stamp(token.expires_ms)} {token.expires_ms <= now && <span className={classes.tag}>ended</span>}
                  </td>
                  <td>
                    <ConfirmButton
                      label="Remove"
                      title={`Remove the token ${token.name}`}
                      question="Programs that use it are refused at once."
                      action="Remove it"
                      run={() => removeApiToken(token.id)}
                      onDone={changed}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="Make a token"
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {adding && <TokenMaker onMade={changed} onDone={() => setAdding(false)} />}
      </Modal>
    </section>
  );
}

function TokenMaker({ onMade, onDone }: { onMade: () => void; onDone: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [limit, setLimit] = useState<Limit>({ all: true, customers: [], folders: [] });
  const [life, setLife] = useState(LIVES[1]?.value ?? '');
  const [made, setMade] = useState<ApiTokenMade | null>(null);
  const make = useMutation({
    mutationFn: () =>
      addApiToken({
        name: name.trim(),
        permissions: chosen,
        ...wishOf(limit),
        expires_in_s: Number(life),
      }),
    onSuccess: (token) => {
      setMade(token);
      onMade();
    },
  });
  if (made) {
    return (
      <Stack gap="sm">
        <Text size="sm">Copy it now: it is not shown again.</Text>
        <CommandBox command={made.secret} name="Token" />
        <Button onClick={onDone}>I have kept it</Button>
      </Stack>
    );
  }
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const permissions = (session?.permissions ?? []).map((word) => ({ word, meaning: word, reads: word.endsWith('.read') }));
  return (
    <form onSubmit={submit} aria-label="Make a token">
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="What it is for"
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PermissionChoice permissions={permissions} chosen={chosen} onChange={setChosen} />
        <CustomerChoice limit={limit} allLabel="All that I see" onChange={setLimit} />
        <NativeSelect
          size="xs"
          label="Ends after"
          value={life}
          data={LIVES}
          onChange={(event) => setLife(event.currentTarget.value)}
        />
        {make.error && <ProblemNotice error={make.error} />}
        <Button type="submit" loading={make.isPending} disabled={name.trim() === '' || chosen.length === 0}>
          Make the token
        </Button>
      </Stack>
    </form>
  );
}
