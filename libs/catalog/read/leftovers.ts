import type { ContentStore } from '@waybill/content-store';
import type { Documents, SqlDatabase } from '@waybill/event-store';
import { contentOfImages, type ImageList } from '../domain/imageList.js';
import { importOperation } from '../domain/streams.js';
import { openImports } from './imports.js';
import { sbomsOf } from './sboms.js';
import { allVersions } from './versions.js';

export interface Amount {
  readonly count: number;
  /** On disk. */
  readonly bytes: number;
}

/** What the content store holds without a use: nothing is lost with it. */
export interface Leftovers {
  /** Staging areas that belong to no unfinished import; a publication under way has one too. */
  readonly staging: readonly { readonly name: string; readonly bytes: number }[];
  readonly blobs: Amount;
  readonly layers: Amount;
}

/** Looks, and removes nothing. Holds the digests of all that versions need, and no more, in memory. */
export async function leftovers(
  db: SqlDatabase,
  documents: Documents,
  content: Pick<ContentStore, 'listStaging' | 'stagingSize' | 'listBlobs' | 'listLayers'>,
): Promise<Leftovers> {
  const needed = new Set<string>();
  for (const entry of allVersions(db)) {
    const { blobs, layers } = contentOfImages(await documents.getJson<ImageList>(entry.imageList));
    const sboms = sbomsOf(db, entry).map(({ digest }) => digest);
    for (const digest of [...blobs, ...layers, ...sboms]) needed.add(digest);
  }
  const open = new Set([...openImports(db).keys()].map(importOperation));
  const staging = [];
  for (const name of await content.listStaging())
    if (!open.has(name)) staging.push({ name, bytes: await content.stagingSize(name) });
  return {
    staging,
    blobs: await sum(content.listBlobs(), ({ digest, size }) => (needed.has(digest) ? undefined : size)),
    layers: await sum(content.listLayers(), ({ diffId, storedSize }) => (needed.has(diffId) ? undefined : storedSize)),
  };
}

async function sum<T>(items: AsyncIterable<T>, sizeOf: (item: T) => number | undefined): Promise<Amount> {
  let [count, bytes] = [0, 0];
  for await (const item of items) {
    const size = sizeOf(item);
    if (size === undefined) continue;
    count += 1;
    bytes += size;
  }
  return { count, bytes };
}
