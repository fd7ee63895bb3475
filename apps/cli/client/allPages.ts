import type { Page } from '../api/page.js';
import type { Client, Query } from './client.js';

/** Everything of a list as one page, so that `--json` has the form of the API's answer. */
export async function allPages<T>(client: Client, path: string, query: Query = {}): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await client.get(path, { ...query, limit: 100, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return { items };
}
