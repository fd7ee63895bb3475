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
