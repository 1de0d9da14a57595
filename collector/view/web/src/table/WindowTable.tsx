import { useMediaQuery } from '@mantine/hooks';
import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Page, PagedSource } from '../api/requests';
import { useKeys } from '../keyboard/useKeys';
import { ProblemNotice } from '../parts/Notice';
import { nextSort } from '../state/url';
import { CardSort } from './CardSort';
import type { TableColumn } from './columns';
import type { Density } from './preferences';
import { hasPages, noPlaces, withPages, type Places } from './pages';
import { SortHeader } from './SortHeader';
import type { Selection } from './useSelection';
import { usePagedRows } from './usePagedRows';
import { WindowRow } from './WindowRow';
import classes from './WindowTable.module.css';

const ROW_PX: Record<Density, number> = { detailed: 50, compact: 33 };
const OVERSCAN_ROWS = 8;
const SKELETON_ROWS = 8;
/** On a phone a row is a card: nothing that matters is out of sight to the right. As in WindowTable.module.css. */
const NARROW = '(max-width: 600px)';
/** A card before it is measured: its head, and each line of two fields below. */
const CARD_HEAD_PX = 62;
const CARD_LINE_PX = 47;

const features = tableFeatures({ columnOrderingFeature, columnSizingFeature, columnVisibilityFeature });

interface Loaded<Row> {
  index: number;
  row: Row;
}

interface WindowTableProps<Row, Answer extends Page<Row>> {
  label: string;
  columns: TableColumn<Row>[];
  source: PagedSource<Row, Answer>;
  rowKey: (row: Row) => string;
  density: Density;
  /** Where absent, all columns in their own order. */
  order?: string[];
  visible?: Record<string, boolean>;
  /** Of the columns whose width somebody chose, in pixels. */
  widths?: Record<string, number>;
  sort?: string;
  onSort?: (sort: string) => void;
  selection?: Pick<Selection<Row>, 'has' | 'set'>;
  /** How a row is to be looked at, as its `data-tone`. */
  tone?: (row: Row) => string | undefined;
  /** What stands below a row that is open. */
  detail?: (row: Row) => ReactNode;
  /** What stands in place of the rows where there are none. */
  empty: ReactNode;
  /** Told of each answer, and of none while the first one is on its way. */
  onAnswer?: (answer: Answer | undefined) => void;
  className?: string;
}

/**
 * A table over a list of any length: only the rows in sight exist, and only their pages are fetched. Real table
 * elements, so that the heads stick, the first column sticks, and a screen reader knows where it is. On a phone each row
 * is a card.
 */
export function WindowTable<Row, Answer extends Page<Row>>(props: WindowTableProps<Row, Answer>) {
  const { label, columns, source, rowKey, density, order, visible, widths, sort = '', onSort, detail, empty, onAnswer } = props;
  const { selection, tone } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [total, setTotal] = useState<number | null>(null);
  /** The line that j and k have come to. */
  const [current, setCurrent] = useState<number | null>(null);
  const sourceKey = JSON.stringify(source.key);
  const [countedKey, setCountedKey] = useState(sourceKey);
  // Rows go by their own key: what is open, or half typed, stays with its row when others come in before it.
  const [places, setPlaces] = useState<Places<Row>>(noPlaces);
  // "None" of the last question is no answer to this one; any other length is a fair guess until it comes.
  if (countedKey !== sourceKey) {
    setCountedKey(sourceKey);
    setPlaces(noPlaces());
    setCurrent(null);
    if (total === 0) setTotal(null);
  }
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  /** Whose height is another one, or was: to measure each row would lay the whole table out while it is drawn. */
  const [measured, setMeasured] = useState<ReadonlySet<string>>(new Set());
  const cards = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });

  const cardFields = columns.filter(({ id, card }) => card === 'half' && (visible?.[id] ?? true)).length;
  const rowPx = cards ? CARD_HEAD_PX + Math.ceil(cardFields / 2) * CARD_LINE_PX : ROW_PX[density];
  const compact = density === 'compact' && !cards;

  const virtualizer = useVirtualizer({
    count: total ?? SKELETON_ROWS,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
    getItemKey: useCallback((index: number) => places.keys.get(index) ?? index, [places]),
  });
  const items = virtualizer.getVirtualItems();
  const range = { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 };
  const { loaded: fresh, newest, error, retry } = usePagedRows(source, range);
  if (countedKey === sourceKey && !hasPages(places, fresh)) setPlaces(withPages(places, fresh, rowKey));
  if (newest && newest.total !== total) setTotal(newest.total);

  useLayoutEffect(() => {
    // Only where it is needed: it lays the table out at once.
    if (virtualizer.scrollOffset) scroller.current?.scrollTo({ top: 0 });
  }, [sourceKey, virtualizer]);
  useLayoutEffect(() => virtualizer.measure(), [rowPx, virtualizer]);
  useLayoutEffect(() => {
    onAnswer?.(newest);
  }, [newest, onAnswer]);

  const step = (by: 1 | -1) => {
    if (!total) return;
    const next = Math.min(total - 1, Math.max(0, current === null ? 0 : current + by));
    setCurrent(next);
    virtualizer.scrollToIndex(next);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    o: () => {
      const head = scroller.current?.querySelector(`tbody[data-index="${current ?? ''}"] td`);
      (head?.querySelector<HTMLElement>('a') ?? head?.querySelector<HTMLElement>('button'))?.click();
    },
  });

  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Loaded<Row>>();
    return columns.map(({ id, label: header, width, compactWidth }) =>
      helper.display({ id, header, size: widths?.[id] ?? (compact ? (compactWidth ?? width) : width) }),
    );
  }, [columns, compact, widths]);
  const loaded = items.flatMap(({ index }) => {
    const row = places.rows.get(index);
    return row === undefined ? [] : [{ index, row }];
  });
  const table = useTable({
    features,
    columns: definitions,
    data: loaded,
    getRowId: (entry) => String(entry.index),
    state: {
      columnOrder: order ?? columns.map((column) => column.id),
      columnVisibility: visible ?? {},
    },
  });

  const rows = table.getRowModel().rowsById;
  const shown = table.getVisibleLeafColumns();
  const shownIds = shown.map(({ id }) => id).join(' ');
  const shownColumns = useMemo(
    () =>
      shownIds
        .split(' ')
        .flatMap((id) => columns.filter((column) => column.id === id && (!cards || column.card !== undefined))),
    [columns, shownIds, cards],
  );
  /** Permanent columns at the end stay in sight, one beside the other. */
  const pinned = useMemo(() => {
    const places: Record<string, number> = {};
    let right = 0;
    for (const { id, permanent, width } of cards ? [] : shownColumns.toReversed()) {
      if (permanent !== 'last') break;
      places[id] = right;
      right += width;
    }
    return places;
  }, [shownColumns, cards]);
  const toggle = useCallback(
    (key: string) => {
      setMeasured((before) => new Set(before).add(key));
      setOpen((before) => {
        const next = new Set(before);
        if (!next.delete(key)) next.add(key);
        return next;
      });
    },
    [],
  );

  if (error && !newest) return <ProblemNotice error={error} retry={retry} />;
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <>
      {error && <ProblemNotice error={error} retry={retry} />}
      {cards && onSort && <CardSort columns={columns} sort={sort} onSort={onSort} />}
      <div
        ref={scroller}
        className={`${classes.scroller} ${props.className ?? ''}`}
        role="region"
        aria-label={label}
        tabIndex={0}
      >
        <table
          className={cards ? classes.cards : classes.table}
          role={cards ? 'table' : undefined}
          data-density={density}
          aria-label={label}
          aria-rowcount={total === null ? -1 : total + 1}
          aria-busy={newest === undefined}
          style={cards ? undefined : { minWidth: table.getTotalSize() }}
        >
          {!cards && (
            <>
              <colgroup>
                {shown.map((column) => (
                  <col key={column.id} style={{ width: column.getSize() }} />
                ))}
              </colgroup>
              <thead>
                <tr aria-rowindex={1}>
                  {shownColumns.map((column) => (
                    <SortHeader
                      key={column.id}
                      column={column}
                      sort={sort}
                      onSort={onSort && ((key) => onSort(nextSort(sort, key)))}
                      pinned={pinned[column.id]}
                    />
                  ))}
                </tr>
              </thead>
            </>
          )}
          {total === 0 ? null : (
            <>
              <Spacer height={above} columns={shown.length} />
              {items.map((item) => {
                const row = rows[String(item.index)]?.original.row;
                const hasOwnHeight = cards || (row !== undefined && measured.has(rowKey(row)));
                return (
                  <WindowRow
                    key={item.key}
                    index={item.index}
                    row={row}
                    columns={shownColumns}
                    pinned={pinned}
                    rowKey={rowKey}
                    compact={compact}
                    card={cards}
                    current={item.index === current}
                    expanded={row !== undefined && open.has(rowKey(row))}
                    onToggle={toggle}
                    selected={row !== undefined && selection?.has(rowKey(row)) === true}
                    onSelect={selection?.set}
                    tone={tone}
                    detail={detail}
                    measure={hasOwnHeight ? virtualizer.measureElement : undefined}
                  />
                );
              })}
              <Spacer height={below} columns={shown.length} />
            </>
          )}
        </table>
        {total === 0 && <div className={classes.empty}>{empty}</div>}
      </div>
    </>
  );
}

/** Stands for the rows that are out of sight. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden="true" role="presentation">
      <tr>
        <td className={classes.spacer} style={{ height }} colSpan={columns} />
      </tr>
    </tbody>
  );
}
