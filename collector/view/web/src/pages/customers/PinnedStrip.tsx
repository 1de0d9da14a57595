import { ActionIcon } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { detailsQuery, pinnedQuery, sessionQuery } from '../../api/requests';
import type { CustomerRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { IconColumns } from '../../parts/icons';
import classes from './customers.module.css';
import { HIDDEN, HIDDEN_WHY, fieldLabel, fieldValue } from './fields';

const PinDialog = lazy(async () => ({ default: (await import('./PinDialog')).PinDialog }));

/** The few fields that stand above every customer's page. */
export function PinnedStrip({ customer }: { customer: CustomerRow }) {
  const { data: pinned } = useQuery(pinnedQuery);
  const { data: details } = useQuery(detailsQuery(customer.id));
  const { data: session } = useQuery(sessionQuery);
  const mayWrite = useMay('customers.write');
  const [choosing, setChoosing] = useState(false);
  if (!pinned || !details) return null;
  return (
    <div className={classes.pinned}>
      <dl aria-label="Pinned fields">
        {pinned.fields.map((id) => {
          const value = fieldValue(id, details, customer);
          return (
            <div key={id}>
              <dt>{fieldLabel(id)}</dt>
              <dd title={value === HIDDEN ? HIDDEN_WHY : value}>{value || <span className={classes.none}>not set</span>}</dd>
            </div>
          );
        })}
      </dl>
      {mayWrite && session?.all_customers && (
        <ActionIcon
          variant="subtle"
          size="sm"
          color="gray"
          aria-label="Choose pinned fields"
          data-tip="Choose pinned fields, for all customers"
          onClick={() => setChoosing(true)}
        >
          <IconColumns size={15} />
        </ActionIcon>
      )}
      {choosing && (
        <Suspense fallback={null}>
          <PinDialog pinned={pinned} details={details} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </div>
  );
}
