import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { detailsQuery } from '../../api/requests';
import { useMay } from '../../app/useMay';
import { useTitle } from '../../app/useTitle';
import { stamp } from '../../format/time';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import classes from './customers.module.css';
import { DetailsDialog } from './DetailsDialog';
import { TabPanel } from './TabPanel';
import { useCustomerName } from './useCustomerName';

const route = getRouteApi('/customers/$customerId/overview');

/** What people have written down about a customer. */
export function OverviewTab() {
  const { customerId } = route.useParams();
  useTitle('Overview', useCustomerName(customerId));
  const { data: details, error, refetch } = useQuery(detailsQuery(customerId));
  const [editing, setEditing] = useState(false);
  const mayEdit = useMay('customers.write');
  return (
    <TabPanel tab="overview">
      {error && !details && <ProblemNotice error={error} retry={() => void refetch()} />}
      {!details && !error && <Loading label="details" height={220} />}
      {details && (
        <div className={classes.overview}>
          <section className={classes.card} aria-label="Details">
            <div className={classes.cardHead}>
              <h2>Details</h2>
              {mayEdit && (
                <Button size="xs" variant="default" onClick={() => setEditing(true)}>
                  Edit
                </Button>
              )}
            </div>
            <dl>
              <Fact name="Rank">{details.rank}</Fact>
              <Fact name="Phone">{details.phone}</Fact>
              <Fact name="Address">{details.address}</Fact>
              <Fact name="Postal code">{details.postal_code}</Fact>
              <Fact name="Fax">{details.fax}</Fact>
              <Fact name="Domains">{details.domains.join('\n')}</Fact>
              <Fact name="Website">
                {details.website && (
                  <a href={details.website} target="_blank" rel="noopener noreferrer">
                    {details.website}
                  </a>
                )}
              </Fact>
              <Fact name="Business ID">{details.business_id}</Fact>
              <Fact name="Created">{stamp(details.created_ms)}</Fact>
              <Fact name="Modified">{stamp(details.modified_ms)}</Fact>
            </dl>
          </section>
          <section className={classes.card} aria-label="Custom fields">
            <h2>Custom fields</h2>
            {details.custom_fields.length === 0 && <p className={classes.none}>None yet.{mayEdit && ' “Edit” adds some.'}</p>}
            <dl>
              {details.custom_fields.map(({ name, value }) => (
                <Fact key={name} name={name}>
                  {value}
                </Fact>
              ))}
            </dl>
          </section>
          <section className={classes.card} aria-label="Notes">
            <h2>Notes</h2>
            {details.notes ? <p className={classes.notes}>{details.notes}</p> : <p className={classes.none}>None yet.</p>}
          </section>
          {editing && <DetailsDialog details={details} onClose={() => setEditing(false)} />}
        </div>
      )}
    </TabPanel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children || <span className={classes.none}>not set</span>}</dd>
    </div>
  );
}
