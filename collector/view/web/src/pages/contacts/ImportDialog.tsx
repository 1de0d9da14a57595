import { FileInput, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { importContacts } from '../../api/requests';
import type { ContactImported } from '../../api/types';
import { counted } from '../../format/words';
import { Dialog } from '../../parts/Dialog';
import organise from '../organise/organise.module.css';

/** What one request takes, with room for what surrounds it. */
const MOST_BYTES = 200 * 1024;

/** Contacts from a spreadsheet: first what would happen line by line, then it happens. */
export function ImportDialog({ customer, onClose }: { customer: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [csv, setCsv] = useState('');
  const check = useMutation({ mutationFn: (text: string) => importContacts(customer, text, true) });
  const add = useMutation({
    mutationFn: () => importContacts(customer, csv, false),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['customers', 'contacts', customer] }),
  });
  const take = (text: string) => {
    setCsv(text);
    check.reset();
  };
  const tooLarge = new Blob([csv]).size > MOST_BYTES;
  const report = add.data ?? check.data;
  const action = add.data ? 'Close' : check.data ? `Add ${counted(check.data.added, 'contact')}` : 'Check';
  const act = () => {
    if (add.data) onClose();
    else if (check.data) add.mutate();
    else check.mutate(csv);
  };
  return (
    <Dialog
      title="Import contacts"
      size="lg"
      onClose={onClose}
      action={action}
      onAction={act}
      disabled={csv.trim() === '' || tooLarge || (!add.data && check.data?.added === 0)}
      pending={check.isPending || add.isPending}
      error={check.error ?? add.error}
    >
      <Text size="sm">
        A CSV file in UTF-8 whose first line names the columns: name, and any of job title, email, phone, mobile, device
        and status. At most 2,000 lines and 200 KiB.
      </Text>
      {!add.data && (
        <>
          <FileInput
            label="File"
            placeholder="Choose a file"
            accept=".csv,text/csv,text/plain"
            onChange={(file) => void file?.text().then(take)}
          />
          <Textarea
            label="Or paste its text"
            autosize
            minRows={3}
            maxRows={8}
            value={csv}
            error={tooLarge && 'This is more than 200 KiB: import it in parts.'}
            onChange={(event) => take(event.currentTarget.value)}
          />
        </>
      )}
      {report && <Report report={report} />}
    </Dialog>
  );
}

function Report({ report }: { report: ContactImported }) {
  const refused = report.lines.length - report.added;
  return (
    <div role="status" aria-label="Report">
      <Text size="sm">
        {counted(report.added, 'contact')} {report.dry_run ? 'would be added' : 'added'}, {counted(refused, 'line')} not.
      </Text>
      <div className={organise.report} role="region" aria-label="Lines" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Contact</th>
              <th scope="col">What becomes of it</th>
            </tr>
          </thead>
          <tbody>
            {report.lines.map(({ line, name, added, reason }) => (
              <tr key={line}>
                <td>{line}</td>
                <td>{name}</td>
                <td>{added ? (report.dry_run ? 'Will be added' : 'Added') : reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
