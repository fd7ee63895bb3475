import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { hasCode, hexOf, WaybillError, withFailpoints, type Digest } from '@waybill/kernel';
import { layerFileName, openArea, orNothing } from './area.js';
import { openAside } from './aside.js';
import type { ContentStore, StoredLayer } from './contentStore.js';
import { hasErrno } from './durable.js';
import { gunzip } from './gunzip.js';
import { hashed } from './hashing.js';
import { missing, openStaging, type OpenedLayer } from './staging.js';

/** Layers are large, and on their way to an engine every piece passes through several hands. */
const LAYER_PIECE = 256 * 1024;

const STAGING_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Opens the content store in the directory `root`, making it if need be. Servers may share it: every move is one rename.
 * Layout: `blobs/`, `layers/` (see `Area`), `staging/<name>/` with the same two and `tmp/`, `damaged/` for what `verify` set aside,
 * and `collected/` for what is on its way out.
 */
export async function openContentStore(root: string): Promise<ContentStore> {
  const area = await openArea(root);
  const aside = await openAside(join(root, 'collected'), area);
  const stagingRoot = join(root, 'staging');
  const damagedRoot = join(root, 'damaged');
  await mkdir(stagingRoot, { recursive: true });
  await mkdir(damagedRoot, { recursive: true });

  const fileOf = (layer: StoredLayer) => join(area.layerPath(layer.diffId), layerFileName(layer));

  async function stored(diffId: Digest): Promise<StoredLayer> {
    const layer = await area.layer(diffId);
    if (layer === undefined) throw missing(diffId);
    return layer;
  }

  /** Opened before it is answered: what is removed meanwhile, because another encoding took its place, stays readable. */
  async function opened(diffId: Digest): Promise<OpenedLayer> {
    const layer = await stored(diffId);
    try {
      return { layer, file: (await open(fileOf(layer))).createReadStream({ highWaterMark: LAYER_PIECE }) };
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return opened(diffId);
      throw error;
    }
  }

  async function content(diffId: Digest): Promise<Readable> {
    const { layer, file } = await opened(diffId);
    return layer.encoding === 'raw' ? file : Readable.from(gunzip(file), { objectMode: false });
  }

  async function verified(
    kind: 'blob' | 'layer',
    digest: Digest,
    path: string,
    bytes: Readable,
    size: number,
  ): Promise<'sound' | 'damaged'> {
    if (await isSound(bytes, digest, size)) return 'sound';
    const aside = join(damagedRoot, `${kind}-${hexOf(digest)}-${randomUUID()}`);
    await withFailpoints('rename what is damaged', () => rename(path, aside));
    return 'damaged';
  }

  return {
    async stage(name) {
      if (!STAGING_NAME.test(name))
        throw new WaybillError('invalid-name', {
          name,
          reason: 'Letters, digits, dots, dashes and underscores are expected, beginning with a letter or digit.',
        });
      return openStaging(name, join(stagingRoot, name), { area, opened });
    },
    listStaging: async () => ((await orNothing(readdir(stagingRoot))) ?? []).sort(),
    async freeBytes() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    stagingSize: (name) => sizeOf(join(stagingRoot, name)),
    hasBlob: async (digest) => (await area.blob(digest)) !== undefined,
    hasLayer: async (diffId) => (await area.layer(diffId)) !== undefined,
    layer: (diffId) => area.layer(diffId),
    async readBlob(digest) {
      if ((await area.blob(digest)) === undefined) throw missing(digest);
      return createReadStream(area.blobPath(digest));
    },
    readLayer: content,
    readStoredLayer: async (diffId) => (await opened(diffId)).file,
    aside,
    async verify(kind, digest) {
      if (kind === 'blob') {
        const blob = await area.blob(digest);
        const path = area.blobPath(digest);
        return blob === undefined ? 'missing' : verified(kind, digest, path, createReadStream(path), blob.size);
      }
      const layer = await area.layer(digest);
      return layer === undefined
        ? 'missing'
        : verified(kind, digest, area.layerPath(digest), await content(digest), layer.size);
    },
    listBlobs: () => area.listBlobs(),
    listLayers: () => area.listLayers(),
  };
}

/** Files may go while they are counted. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for (const entry of (await orNothing(readdir(folder, { withFileTypes: true }))) ?? []) {
    const path = join(folder, entry.name);
    size += entry.isDirectory() ? await sizeOf(path) : ((await orNothing(stat(path)))?.size ?? 0);
  }
  return size;
}

/** Bytes that cannot be uncompressed are damaged; a disk that cannot be read is another matter and thrown. */
async function isSound(bytes: Readable, digest: Digest, size: number): Promise<boolean> {
  try {
    const found = await hashed(bytes);
    return found.digest === digest && found.size === size;
  } catch (error) {
    if (hasCode(error, 'package-damaged') || hasCode(error, 'package-truncated')) return false;
    throw error;
  }
}
