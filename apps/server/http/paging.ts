import { WaybillError } from '@waybill/kernel';

/** One page of a list; `next` is absent on the last one. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** A cursor names the list it is of and the sort key of the last item it gave out. */
export const cursor = (list: string, after: readonly string[]): string =>
  Buffer.from(JSON.stringify([list, ...after])).toString('base64url');

/** @throws WaybillError `cursor-invalid` */
export function cursorKey(list: string, text: string, parts: number): readonly string[] {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch (error) {
    throw new WaybillError('cursor-invalid', {}, { cause: error });
  }
  const valid =
    Array.isArray(read) &&
    read.length === parts + 1 &&
    read[0] === list &&
    read.every((part): part is string => typeof part === 'string');
  if (!valid) throw new WaybillError('cursor-invalid');
  return (read as readonly string[]).slice(1);
}

/** Cuts a sorted list into a page: what comes after the cursor's key, compared as the list is sorted. */
export function pageOf<Item>(
  list: string,
  sorted: readonly Item[],
  keyOf: (item: Item) => string,
  query: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): Page<Item> {
  const after = query.cursor === undefined ? undefined : cursorKey(list, query.cursor, 1)[0];
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, query.limit ?? DEFAULT_LIMIT);
  const last = items.at(-1);
  return items.length < rest.length && last !== undefined ? { items, next: cursor(list, [keyOf(last)]) } : { items };
}

/** A page of a list sorted by two texts: `find` is asked for one item more than fits, behind the last one given out. */
export async function pageByPair<Item>(
  list: string,
  query: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  find: (limit: number, after: readonly [string, string] | undefined) => Promise<readonly Item[]> | readonly Item[],
  keyOf: (item: Item) => readonly [string, string],
): Promise<Page<Item>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const [first, second] = query.cursor === undefined ? [] : cursorKey(list, query.cursor, 2);
  const found = await find(limit + 1, first === undefined || second === undefined ? undefined : [first, second]);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined ? { items, next: cursor(list, keyOf(last)) } : { items };
}

/** The page query of a context that pages by one key of its own. */
export function innerPage(
  list: string,
  query: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): { readonly limit: number; readonly cursor?: string } {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const key = query.cursor === undefined ? undefined : cursorKey(list, query.cursor, 1)[0];
  return key === undefined ? { limit } : { limit, cursor: key };
}

/** A context's page with its key made opaque. */
export const encodedPage = <Item>(list: string, page: Page<Item>): Page<Item> =>
  page.next === undefined ? { items: page.items } : { items: page.items, next: cursor(list, [page.next]) };
