import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf, isDigest, type Digest } from '@waybill/kernel';
import type { StoredBlob, StoredLayer } from './contentStore.js';
import { hasErrno } from './durable.js';

/**
 * One directory of content; the store is one, every staging area is another.
 * A blob is `blobs/sha256/<hex>`. A layer is a directory `layers/sha256/<diff id>` with one file in it, named by the size of its
 * uncompressed bytes and its encoding: a directory can be moved only where none is, so there is never a second copy from elsewhere,
 * and what the name says of the content cannot go stale. While a layer is being compressed both files are there; the gzip one counts.
 */
export interface Area {
  readonly blobs: string;
  readonly layers: string;
  blobPath(digest: Digest): string;
  layerPath(diffId: Digest): string;
  blob(digest: Digest): Promise<StoredBlob | undefined>;
  layer(diffId: Digest): Promise<StoredLayer | undefined>;
  listBlobs(): AsyncGenerator<StoredBlob>;
  listLayers(): AsyncGenerator<StoredLayer>;
}

const LAYER_FILE = /^(0|[1-9]\d{0,15})\.tar(?:\.([0-9a-f]{64})\.gz)?$/;

/** `<size>.tar`, or `<size>.tar.<hex digest of the file>.gz`. */
export const layerFileName = ({
  size,
  encoding,
  storedDigest,
}: Pick<StoredLayer, 'size' | 'encoding' | 'storedDigest'>): string =>
  `${size}.tar${encoding === 'gzip' ? `.${hexOf(storedDigest)}.gz` : ''}`;

export async function openArea(root: string): Promise<Area> {
  const blobs = join(root, 'blobs', 'sha256');
  const layers = join(root, 'layers', 'sha256');
  await mkdir(blobs, { recursive: true });
  await mkdir(layers, { recursive: true });
  const blobPath = (digest: Digest) => join(blobs, hexOf(digest));
  const layerPath = (diffId: Digest) => join(layers, hexOf(diffId));

  async function blob(digest: Digest): Promise<StoredBlob | undefined> {
    const found = await orNothing(stat(blobPath(digest)));
    return found?.isFile() === true ? { digest, size: found.size } : undefined;
  }

  async function layer(diffId: Digest): Promise<StoredLayer | undefined> {
    // In this order the longer name of a gzip file comes first.
    for (const name of ((await orNothing(readdir(layerPath(diffId)))) ?? []).sort().reverse()) {
      const [, size, hex] = LAYER_FILE.exec(name) ?? [];
      const found = size === undefined ? undefined : await orNothing(stat(join(layerPath(diffId), name)));
      if (found === undefined) continue;
      const about = { diffId, size: Number(size), storedSize: found.size };
      return hex === undefined
        ? { ...about, encoding: 'raw', storedDigest: diffId }
        : { ...about, encoding: 'gzip', storedDigest: `sha256:${hex}` as Digest };
    }
    return undefined;
  }

  return {
    blobs,
    layers,
    blobPath,
    layerPath,
    blob,
    layer,
    listBlobs: () => each(blobs, blob),
    listLayers: () => each(layers, layer),
  };
}

async function* each<T>(directory: string, find: (digest: Digest) => Promise<T | undefined>): AsyncGenerator<T> {
  for (const hex of ((await orNothing(readdir(directory))) ?? []).sort()) {
    const digest = `sha256:${hex}`;
    const found = isDigest(digest) ? await find(digest) : undefined;
    if (found !== undefined) yield found;
  }
}

/** What is not there is nothing. */
export async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
