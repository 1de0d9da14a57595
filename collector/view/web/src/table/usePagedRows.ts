import { queryOptions, useQueries } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import type { Page, PagedSource } from '../api/requests';
import { offsetsOf, PAGE_ROWS, type Range } from './pages';

/** While somebody drags the scroll bar, only the window where it rests is fetched. */
const SETTLE_MS = 60;

export interface PagedRows<Row, Answer> {
  /** What is there of the window, by offset. */
  loaded: ReadonlyMap<number, readonly Row[]>;
  /** The freshest answer; undefined until the first one. */
  newest: Answer | undefined;
  error: Error | null;
  retry: () => void;
}

/** One page of a list. */
export function pageQuery<Row, Answer extends Page<Row>>(source: PagedSource<Row, Answer>, offset: number) {
  return queryOptions({
    queryKey: [...source.key, offset],
    queryFn: ({ signal }) => source.fetch(offset, PAGE_ROWS, signal),
  });
}

/** The rows of a window over a list of any length, fetched by offset and kept current. */
export function usePagedRows<Row, Answer extends Page<Row>>(
  source: PagedSource<Row, Answer>,
  range: Range,
): PagedRows<Row, Answer> {
  const [first] = useDebouncedValue(range.first, SETTLE_MS, { leading: true });
  const [last] = useDebouncedValue(range.last, SETTLE_MS, { leading: true });
  const offsets = offsetsOf({ first, last: Math.max(first, last) });

  const pages = useQueries({ queries: offsets.map((offset) => pageQuery(source, offset)) });

  const answered = pages.filter((page) => page.data);
  const freshest = answered.reduce<(typeof pages)[number] | undefined>(
    (best, page) => (best && best.dataUpdatedAt >= page.dataUpdatedAt ? best : page),
    undefined,
  );
  return {
    loaded: new Map(
      offsets.flatMap((offset, page): [number, readonly Row[]][] => {
        const items = pages[page]?.data?.items;
        return items ? [[offset, items]] : [];
      }),
    ),
    newest: freshest?.data,
    error: pages.find((page) => page.error)?.error ?? null,
    retry: () => {
      for (const page of pages) if (page.error) void page.refetch();
    },
  };
}
