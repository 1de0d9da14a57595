import { Button, Checkbox } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { customersQuery, sessionQuery } from '../../api/requests';
import { useMay } from '../../app/useMay';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { FilterMenu } from '../../parts/FilterMenu';
import { IconPlus } from '../../parts/icons';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { customerFilter, isNarrowed, type CustomerFilter } from '../../state/customerSearch';
import { RANKS } from '../../state/vocabulary';
import { CustomersTable } from './CustomersTable';
import classes from './customers.module.css';
import { Loading } from '../../parts/Loading';

const NewCustomerDialog = lazy(async () => ({ default: (await import('./NewCustomerDialog')).NewCustomerDialog }));

const route = getRouteApi('/');

export function CustomersPage() {
  useTitle('Customers');
  const search = route.useSearch();
  const filter = useMemo(() => customerFilter(search), [search]);
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const mayAdd = useMay('customers.write') && session?.all_customers;
  const { data, error, isPending, refetch } = useQuery({
    ...customersQuery(filter),
    placeholderData: keepPreviousData,
  });

  const change = (part: Partial<CustomerFilter>) => {
    const { search: words, rank, favourite, sort } = { ...filter, ...part };
    void navigate({
      search: {
        search: words || undefined,
        rank: rank.length > 0 ? rank : undefined,
        favourite: favourite || undefined,
        sort: sort || undefined,
      },
      replace: true,
    });
  };
  const add = mayAdd && (
    <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
      Add customer
    </Button>
  );
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1>Customers</h1>
        {add}
      </div>
      <div className={classes.tools}>
        <SearchBox
          label="Search customers"
          value={filter.search}
          onChange={(text) => change({ search: text })}
        />
        <FilterMenu label="Rank" options={RANKS} chosen={filter.rank} onChange={(rank) => change({ rank })} />
        <Checkbox
          size="xs"
          label="Favourites"
          checked={filter.favourite}
          onChange={(event) => change({ favourite: event.currentTarget.checked })}
        />
        <span className={classes.count} aria-live="polite">
          {data && counted(data.total, 'customer')}
        </span>
      </div>
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {isPending && <Loading label="customers" height={180} />}
      {data && data.items.length > 0 && <CustomersTable customers={data.items} sort={filter.sort} onSort={(sort) => change({ sort })} />}
      {data && data.items.length === 0 && (
        <EmptyNotice title={isNarrowed(filter) ? 'No customer matches' : 'No customers yet'}>
          {isNarrowed(filter) ? null : <span>Devices belong to customers: add the first one.</span>}
        </EmptyNotice>
      )}
      {adding && (
        <Suspense fallback={null}>
          <NewCustomerDialog onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </div>
  );
}
