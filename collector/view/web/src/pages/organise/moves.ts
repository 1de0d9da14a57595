import { editFolder, moveDevices } from '../../api/requests';
import type { BulkAnswer, FolderRow } from '../../api/types';
import { counted } from '../../format/words';
import type { DraggedDevice } from './dragging';

/** What was moved. */
export interface Moved {
  /** What and where to, for people. */
  told: string;
  /** Of devices: for which it was done, and for which not. */
  answer?: BulkAnswer;
  /** Puts it back; absent where nobody knows where it was. */
  undo?: () => Promise<Moved>;
}

/** The same as the dialog does; null: into no folder. */
export async function moveToFolder(
  devices: readonly DraggedDevice[],
  customer: string,
  folder: FolderRow | null,
): Promise<Moved> {
  const ids = devices.map(({ id }) => id);
  const answer = await moveDevices(ids, customer, folder?.id ?? null);
  const done = new Set(answer.items.flatMap((item) => (item.done ? [item.id] : [])));
  const before = new Map<string | null, string[]>();
  for (const { id, folder_id: place } of devices) {
    if (!done.has(id)) continue;
    if (place === undefined) return { told: toldOf(answer, folder), answer };
    before.set(place, [...(before.get(place) ?? []), id]);
  }
  const undo = async () => {
    const all: BulkAnswer = { items: [], done: 0 };
    for (const [place, some] of before) {
      const back = await moveDevices(some, customer, place);
      all.items.push(...back.items);
      all.done += back.done;
    }
    return { told: `${counted(all.done, 'device')} moved back.`, answer: all };
  };
  return { told: toldOf(answer, folder), answer, undo: before.size > 0 ? undo : undefined };
}

function toldOf({ done }: BulkAnswer, folder: FolderRow | null): string {
  return `${counted(done, 'device')} moved ${folder ? `into ${folder.path}` : 'out of the folders'}.`;
}

/** The same as the dialog does; null: to the top. */
export async function moveFolder(folder: FolderRow, place: FolderRow | null): Promise<Moved> {
  const after = await editFolder(folder, folder.name, place?.id ?? null);
  return {
    told: `${folder.name} moved ${place ? `into ${place.path}` : 'to the top'}.`,
    undo: async () => {
      await editFolder(after, after.name, folder.parent_id ?? null);
      return { told: `${folder.name} moved back.` };
    },
  };
}
