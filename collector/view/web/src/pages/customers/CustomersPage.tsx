import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { customersQuery } from '../../api/requests';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { IconPlus } from '../../parts/icons';
import { EmptyNotice, ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { CustomersTable } from './CustomersTable';
import classes from './customers.module.css';
import { NewCustomerDialog } from './NewCustomerDialog';
import { Loading } from '../../parts/Loading';

const route = getRouteApi('/');

export function CustomersPage() {
  useTitle('Customers');
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const { data, error, isPending, refetch } = useQuery({
    ...customersQuery(search),
    placeholderData: keepPreviousData,
  });

  const add = (
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
          value={search}
          onChange={(text) => void navigate({ search: { search: text || undefined }, replace: true })}
        />
        <span className={classes.count} aria-live="polite">
          {data && counted(data.total, 'customer')}
        </span>
      </div>
      {error && <ProblemNotice error={error} retry={() => void refetch()} />}
      {isPending && <Loading label="customers" height={180} />}
      {data && data.items.length > 0 && <CustomersTable customers={data.items} />}
      {data && data.items.length === 0 && (
        <EmptyNotice title={search ? `No customer matches “${search}”` : 'No customers yet'}>
          {search ? null : <span>Devices belong to customers: add the first one.</span>}
        </EmptyNotice>
      )}
      <NewCustomerDialog opened={adding} onClose={() => setAdding(false)} />
    </div>
  );
}
