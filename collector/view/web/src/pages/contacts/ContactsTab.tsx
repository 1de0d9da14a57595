import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { contactsSource } from '../../api/requests';
import type { ContactRow } from '../../api/types';
import { useMay } from '../../app/useMay';
import { useTitle } from '../../app/useTitle';
import { counted } from '../../format/words';
import { FilterMenu } from '../../parts/FilterMenu';
import { IconPlus } from '../../parts/icons';
import { EmptyNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { Toolbar } from '../../parts/Toolbar';
import { CONTACT_STATUSES } from '../../state/vocabulary';
import { ColumnMenu } from '../../table/ColumnMenu';
import { DensityToggle } from '../../table/DensityToggle';
import { usePreferences } from '../../table/preferences';
import { WindowTable } from '../../table/WindowTable';
import { TabPanel } from '../customers/TabPanel';
import { useCustomerName } from '../customers/useCustomerName';
import { contactColumns } from './columns';
import { ContactDialog } from './ContactDialog';
import { ImportDialog } from './ImportDialog';

const route = getRouteApi('/customers/$customerId/contacts');
const contactId = (contact: ContactRow) => contact.id;

type Question = { what: 'add' } | { what: 'import' } | { what: 'edit'; contact: ContactRow };

/** The people of a customer. */
export function ContactsTab() {
  const { customerId } = route.useParams();
  const { search = '', status = [] } = route.useSearch();
  const navigate = route.useNavigate();
  useTitle('Contacts', useCustomerName(customerId));
  const source = useMemo(() => contactsSource(customerId, { search, status }), [customerId, search, status]);
  const mayEdit = useMay('customers.write');
  const [question, setQuestion] = useState<Question | null>(null);
  const columns = useMemo(
    () => contactColumns(mayEdit ? (contact) => setQuestion({ what: 'edit', contact }) : null),
    [mayEdit],
  );
  const preferences = usePreferences('contacts', columns);
  const [total, setTotal] = useState<number | null>(null);
  const onAnswer = useCallback((answer?: { total: number }) => setTotal(answer?.total ?? null), []);
  const close = () => setQuestion(null);
  const narrowed = search !== '' || status.length > 0;
  return (
    <TabPanel tab="contacts">
      <Toolbar
        search={
          <SearchBox
            label="Search contact name"
            value={search}
            onChange={(text) => void navigate({ search: { search: text || undefined, status }, replace: true })}
          />
        }
        filters={
          <FilterMenu
            label="Status"
            options={CONTACT_STATUSES}
            chosen={status}
            onChange={(chosen) =>
              void navigate({
                search: { search: search || undefined, status: chosen.length > 0 ? chosen : undefined },
                replace: true,
              })
            }
          />
        }
        count={total === null ? '' : counted(total, 'contact')}
        settings={
          <>
            {mayEdit && (
              <>
                <Button size="xs" variant="default" onClick={() => setQuestion({ what: 'import' })}>
                  Import CSV
                </Button>
                <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setQuestion({ what: 'add' })}>
                  Add contact
                </Button>
              </>
            )}
            <DensityToggle preferences={preferences} />
            <ColumnMenu columns={columns} preferences={preferences} />
          </>
        }
      />
      <WindowTable
        label="Contacts"
        columns={columns}
        source={source}
        rowKey={contactId}
        density={preferences.density}
        order={preferences.order}
        visible={preferences.visible}
        onAnswer={onAnswer}
        empty={
          narrowed ? (
            <EmptyNotice title="No contact matches">
              <Button size="xs" variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                Clear filters
              </Button>
            </EmptyNotice>
          ) : (
            <EmptyNotice title="No contacts yet">
              {mayEdit && <span>Add the people of this customer, or import them from a spreadsheet.</span>}
            </EmptyNotice>
          )
        }
      />
      {question?.what === 'add' && <ContactDialog customer={customerId} onClose={close} />}
      {question?.what === 'edit' && (
        <ContactDialog customer={customerId} contact={question.contact} onClose={close} />
      )}
      {question?.what === 'import' && <ImportDialog customer={customerId} onClose={close} />}
    </TabPanel>
  );
}
