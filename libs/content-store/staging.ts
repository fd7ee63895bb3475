import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { WaybillError, withFailpoints, type Digest } from '@waybill/kernel';
import { layerFileName, openArea, orNothing, type Area } from './area.js';
import { compressLayer } from './compressLayer.js';
import type { StagedLayer, Staging, StoredBlob, StoredLayer } from './contentStore.js';
import { moveDirectory, syncDirectory, writeAll, writeFileDurably } from './durable.js';
import { hashed, hashedLayer, type HashedLayer } from './hashing.js';
import { shareBlob, shareLayer } from './share.js';
import { sparingWriter } from './sparingWriter.js';

/** A layer of the store, whose file is open: it stays readable. */
export interface OpenedLayer {
  readonly layer: StoredLayer;
  readonly file: Readable;
}

/** The store that staged content goes to. */
export interface Destination {
  readonly area: Area;
  /** @throws WaybillError `blob-missing` */
  readonly opened: (diffId: Digest) => Promise<OpenedLayer>;
}

/** A staging area at `root`; it is there before this resolves. What is committed stays here as well until it is discarded. */
export async function openStaging(name: string, root: string, { area: store, opened }: Destination): Promise<Staging> {
  const area = await openArea(root);
  const scratch = join(root, 'tmp');
  await mkdir(scratch, { recursive: true });
  // What the store has is held on to from here as well: it may be collected before it is committed.
  const isNewBlob = async ({ digest }: StoredBlob) =>
    (await store.blob(digest)) === undefined || !(await shareBlob(store, area, digest));
  const heldLayer = (diffId: Digest) => shareLayer(store, area, diffId, { scratch, name: `${randomUUID()}.held` });

  /** Looked up once: a layer that comes later is only not spared its writing. */
  let bySize: Promise<ReadonlyMap<number, readonly string[]>> | undefined;
  const filesOfSize = async (size: number): Promise<readonly string[]> =>
    (await (bySize ??= filesBySize(store))).get(size) ?? [];

  async function keepBlob(temporary: string, blob: StoredBlob): Promise<void> {
    await withFailpoints('rename a staged blob', () => rename(temporary, area.blobPath(blob.digest)));
    await syncDirectory(area.blobs);
  }

  async function keepLayer(temporary: string, layer: HashedLayer): Promise<void> {
    const directory = `${temporary}.layer`;
    await mkdir(directory);
    const file = join(directory, layerFileName({ ...layer, storedDigest: layer.stored.digest }));
    await withFailpoints('rename a staged layer', () => rename(temporary, file));
    await syncDirectory(directory);
    // What is held of the store may be what the store has set aside since: these bytes were looked at a moment ago.
    const place = area.layerPath(layer.diffId);
    if (!(await moveDirectory(directory, place))) {
      await orNothing(moveDirectory(place, `${temporary}.former`));
      if (!(await moveDirectory(directory, place))) await rm(directory, { recursive: true });
      await rm(`${temporary}.former`, { recursive: true, force: true });
    }
    await syncDirectory(area.layers);
  }

  async function moveBlob(digest: Digest): Promise<void> {
    if (await withFailpoints('rename a blob', () => shareBlob(area, store, digest))) return;
    if ((await area.blob(digest)) !== undefined)
      await withFailpoints('rename a blob', () => rename(area.blobPath(digest), store.blobPath(digest)));
    else if ((await store.blob(digest)) === undefined) throw missing(digest);
  }

  async function moveLayer(diffId: Digest): Promise<void> {
    const place = { scratch, name: `${randomUUID()}.given` };
    if (await shareLayer(area, store, diffId, place)) return;
    if ((await area.layer(diffId)) === undefined) {
      if ((await store.layer(diffId)) === undefined) throw missing(diffId);
    } else if (!(await moveDirectory(area.layerPath(diffId), store.layerPath(diffId))))
      await rm(area.layerPath(diffId), { recursive: true });
  }

  return {
    name,
    async putBlob(bytes, { expected, maxBytes = Infinity } = {}) {
      const temporary = join(scratch, randomUUID());
      const source = bytes instanceof Uint8Array ? Readable.from([bytes]) : bytes;
      const write = async (file: FileHandle) => {
        const found = await hashed(source, { maxBytes, each: (chunk) => writeAll(file, chunk) });
        if (expected !== undefined && found.digest !== expected)
          throw new WaybillError('blob-mismatch', { expected, actual: found.digest });
        return found;
      };
      const { written: blob, kept } = await writeFileDurably(temporary, write, isNewBlob);
      if (kept) await keepBlob(temporary, blob);
      return blob;
    },
    async putLayer(bytes, options = {}): Promise<StagedLayer> {
      const temporary = join(scratch, randomUUID());
      const others = options.size === undefined ? [] : await filesOfSize(options.size);
      const write = async (file: FileHandle) => {
        const writer = await sparingWriter(file, others);
        try {
          const layer = await hashedLayer(bytes, { ...options, each: (chunk) => writer.take(chunk) });
          const isNew = !(await heldLayer(layer.diffId));
          if (isNew) await writer.complete();
          return { layer, isNew };
        } finally {
          await writer.close();
        }
      };
      const { written, kept } = await writeFileDurably(temporary, write, ({ isNew }) => Promise.resolve(isNew));
      const { layer } = written;
      if (kept) await keepLayer(temporary, layer);
      const { diffId, size, encoding, stored, came } = layer;
      return { diffId, size, encoding, storedSize: stored.size, storedDigest: stored.digest, digest: came };
    },
    async compressLayer(diffId) {
      const { layer, file } = await opened(diffId);
      if (layer.encoding === 'raw') return compressLayer(layer, file, { scratch, directory: store.layerPath(diffId) });
      file.destroy();
      return layer;
    },
    layers: () => collected(area.listLayers()),
    holdLayer: async (diffId) => (await area.layer(diffId)) !== undefined || (await heldLayer(diffId)),
    hasLayer: async (diffId) => ((await area.layer(diffId)) ?? (await store.layer(diffId))) !== undefined,
    hasBlob: async (digest) => ((await area.blob(digest)) ?? (await store.blob(digest))) !== undefined,
    async readBlob(digest) {
      if ((await area.blob(digest)) !== undefined) return createReadStream(area.blobPath(digest));
      if ((await store.blob(digest)) !== undefined) return createReadStream(store.blobPath(digest));
      throw missing(digest);
    },
    async commit(only) {
      const { blobs, layers } = only ?? {
        blobs: (await collected(area.listBlobs())).map((blob) => blob.digest),
        layers: (await collected(area.listLayers())).map((layer) => layer.diffId),
      };
      for (const digest of blobs ?? []) await moveBlob(digest);
      for (const diffId of layers ?? []) await moveLayer(diffId);
      await syncDirectory(store.blobs);
      await syncDirectory(store.layers);
    },
    discard: () => withFailpoints('remove a staging area', () => rm(root, { recursive: true, force: true })),
  };
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Where the store's layers lie, by their sizes on disk. */
async function filesBySize(store: Area): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for await (const layer of store.listLayers()) {
    const path = join(store.layerPath(layer.diffId), layerFileName(layer));
    found.set(layer.storedSize, [...(found.get(layer.storedSize) ?? []), path]);
  }
  return found;
}

/** `packages` is for the caller to fill, who knows what carried it. */
export const missing = (digest: Digest): WaybillError =>
  new WaybillError('blob-missing', { digest, packages: 'which one is not known here' });
