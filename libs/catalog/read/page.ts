import type { SqlDatabase } from '@waybill/event-store';

/** Which part of a list; `cursor` is what the page before gave as `next`. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  /** Most items; absent: 100. */
  readonly limit?: number | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; absent: this is the last one. */
  readonly next?: string;
}

/** Asks for one more than fits, to know whether another page follows. */
export function pageOf<Row>(
  { limit = 100 }: PageRequest,
  rows: (limit: number) => readonly Row[],
  cursorOf: (row: Row) => string,
): Page<Row> {
  const found = rows(limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined ? { items, next: cursorOf(last) } : { items };
}

/** A page of what a table numbers as it comes, newest first; of one state only, where that is asked for. */
export function latestOf<Row extends { readonly number: number }>(
  db: SqlDatabase,
  table: 'catalog_imports' | 'catalog_exports',
  { state = null, ...request }: PageRequest & { readonly state?: string | null | undefined },
): Page<Row> {
  const before = request.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(request.cursor);
  const rows = (limit: number) =>
    db.all<Row>(
      `SELECT * FROM ${table} WHERE number < ? AND (? IS NULL OR state = ?) ORDER BY number DESC LIMIT ?`,
      before,
      state,
      state,
      limit,
    );
  return pageOf(request, rows, ({ number }) => String(number));
}
