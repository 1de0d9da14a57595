import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { viewsQuery, type ListName } from '../../api/requests';
import type { SavedView } from '../../api/types';
import type { ViewPreferences } from '../../table/preferences';

export interface ViewInUse {
  /** Undefined: none is chosen, or it is on its way, or it is gone. */
  view: SavedView | undefined;
  preferences: ViewPreferences | undefined;
  /** It is named in the address, and there is no such view. */
  isGone: boolean;
}

/** The saved view that the address names. */
export function useView(list: ListName, id: string | undefined): ViewInUse {
  const { data } = useQuery({ ...viewsQuery(list), enabled: id !== undefined });
  const view = id === undefined ? undefined : data?.items.find((one) => one.id === id);
  return useMemo(
    () => ({
      view,
      preferences: view && {
        key: `${view.id}@${view.version}`,
        density: view.density === 'compact' ? 'compact' : 'detailed',
        columns: view.columns,
      },
      isGone: id !== undefined && data !== undefined && !view,
    }),
    [view, id, data],
  );
}
