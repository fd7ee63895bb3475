import type { Readable } from 'node:stream';
import { isDigest, type Digest } from '@waybill/kernel';
import { read } from './call.js';
import type { Connection } from './connection.js';
import { inspectImage } from './images.js';

export interface SavedImages<T> {
  readonly result: T;
  /** The engine's id of every image that it has; by their names. */
  readonly ids: ReadonlyMap<string, Digest>;
}

/** Streams the archive of those images that the engine has, and says which layers it will hold; `undefined` when it has none of them. */
export async function saveImages<T>(
  connection: Connection,
  names: readonly string[],
  use: (archive: Readable, layers: readonly Digest[]) => Promise<T>,
): Promise<SavedImages<T> | undefined> {
  const ids = new Map<string, Digest>();
  const layers = new Set<Digest>();
  for (const name of names) {
    const image = await inspectImage(connection, name);
    if (image === undefined || !isDigest(image.Id)) continue;
    ids.set(name, image.Id);
    for (const layer of image.RootFS.Layers ?? []) if (isDigest(layer)) layers.add(layer);
  }
  if (ids.size === 0) return undefined;
  const result = await read(
    connection,
    {
      action: 'save images',
      method: 'GET',
      path: '/images/get',
      query: { names: [...ids.keys()] },
      // It takes as long as it takes; a stream that breaks is told by its reader.
      timeoutMs: 2 ** 31 - 1,
    },
    (archive) => use(archive, [...layers]),
  );
  return { result, ids };
}
