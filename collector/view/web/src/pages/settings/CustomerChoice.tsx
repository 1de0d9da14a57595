import { Checkbox, Radio } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { customersQuery } from '../../api/requests';
import { counted } from '../../format/words';
import { ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { EVERY_CUSTOMER } from '../../state/customerSearch';
import { FolderChoice } from './FolderChoice';
import type { Limit } from './limits';
import classes from './settings.module.css';

/** So many are shown at once; the search finds the others. */
const SHOWN = 50;

interface CustomerChoiceProps {
  limit: Limit;
  /** What all means here. */
  allLabel: string;
  onChange: (limit: Limit) => void;
}

/** All customers, or some of them, and folders of others. */
export function CustomerChoice({ limit, allLabel, onChange }: CustomerChoiceProps) {
  const [search, setSearch] = useState('');
  const { data, error } = useQuery({
    ...customersQuery({ ...EVERY_CUSTOMER, search }),
    enabled: !limit.all,
    placeholderData: keepPreviousData,
  });
  const toggle = (id: string, on: boolean) =>
    onChange({ ...limit, customers: on ? [...limit.customers, id] : limit.customers.filter((one) => one !== id) });
  const shown = data?.items.slice(0, SHOWN) ?? [];
  return (
    <div className={classes.section} role="group" aria-label="Customers">
      <Radio.Group
        label="Customers"
        value={limit.all ? 'all' : 'some'}
        onChange={(value) => onChange({ ...limit, all: value === 'all' })}
      >
        <div className={classes.tools}>
          <Radio size="xs" value="all" label={allLabel} />
          <Radio size="xs" value="some" label="Only some" />
        </div>
      </Radio.Group>
      {!limit.all && (
        <>
          <div className={classes.tools}>
            <SearchBox label="Search customers" value={search} onChange={setSearch} />
            <span className={classes.muted} aria-live="polite">
              {counted(limit.customers.length, 'customer')} chosen
            </span>
          </div>
          {error && <ProblemNotice error={error} />}
          <div className={classes.choices} role="group" aria-label="Some customers">
            {shown.map(({ id, name }) => (
              <Checkbox
                key={id}
                size="xs"
                label={name}
                checked={limit.customers.includes(id)}
                onChange={(event) => toggle(id, event.currentTarget.checked)}
              />
            ))}
            {data && data.total === 0 && <span className={classes.muted}>No customer fits</span>}
            {data && data.items.length > SHOWN && (
              <span className={classes.muted}>{counted(data.items.length - SHOWN, 'more customer')}: search for them</span>
            )}
          </div>
          <FolderChoice chosen={limit.folders} onChange={(folders) => onChange({ ...limit, folders })} />
        </>
      )}
    </div>
  );
}
