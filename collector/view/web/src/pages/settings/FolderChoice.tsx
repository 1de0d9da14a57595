import { Checkbox } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { folderNamesQuery } from '../../api/access';
import type { FolderName } from '../../api/types';
import { counted } from '../../format/words';
import { ProblemNotice } from '../../parts/Notice';
import { SearchBox } from '../../parts/SearchBox';
import { folderLabel, folderOptions } from './limits';
import classes from './settings.module.css';

interface FolderChoiceProps {
  chosen: FolderName[];
  onChange: (chosen: FolderName[]) => void;
}

/** Some folders, of any customers. */
export function FolderChoice({ chosen, onChange }: FolderChoiceProps) {
  const [search, setSearch] = useState('');
  const { data, error } = useQuery({ ...folderNamesQuery(search), placeholderData: keepPreviousData });
  const toggle = (folder: FolderName, on: boolean) =>
    onChange(on ? [...chosen, folder] : chosen.filter(({ id }) => id !== folder.id));
  const found = data?.items ?? [];
  const more = data ? data.total - found.length : 0;
  return (
    <>
      <div className={classes.tools}>
        <SearchBox label="Search folders" value={search} onChange={setSearch} />
        <span className={classes.muted} aria-live="polite">
          {counted(chosen.length, 'folder')} chosen, with all that lies in them
        </span>
      </div>
      {error && <ProblemNotice error={error} />}
      <div className={classes.choices} role="group" aria-label="Some folders">
        {folderOptions(chosen, found).map((folder) => (
          <Checkbox
            key={folder.id}
            size="xs"
            label={folderLabel(folder)}
            checked={chosen.some(({ id }) => id === folder.id)}
            onChange={(event) => toggle(folder, event.currentTarget.checked)}
          />
        ))}
        {data && data.total === 0 && <span className={classes.muted}>No folder fits</span>}
        {more > 0 && <span className={classes.muted}>{counted(more, 'more folder')}: search for them</span>}
      </div>
    </>
  );
}
