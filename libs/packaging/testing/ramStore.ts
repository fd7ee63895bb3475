import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach } from 'vitest';
import { openContentStore, type ContentStore, type StoredLayer } from '@waybill/content-store';
import type { Digest } from '@waybill/kernel';
import type { InspectedRam } from '../package.js';
import { readRamPackage } from '../ram/readRamPackage.js';
import { writeRamPackage } from '../ram/writeRamPackage.js';
import { gzipBytes } from '../write/gzipBytes.js';
import type { ImageParts } from '../write/dockerArchive.js';

/** A fresh content store for each test, with what was read into it. */
export function useRamStore() {
  let folder: string;
  let store: ContentStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-ram-'));
    store = await openContentStore(join(folder, 'content'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function parts({
    images,
  }: InspectedRam): Promise<ImageParts & { readonly images: ReadonlyMap<Digest, readonly Digest[]> }> {
    const layers = new Map<Digest, StoredLayer>();
    const blobs = new Map<Digest, Uint8Array>();
    const staging = await store.stage('compressing');
    for (const image of images) {
      blobs.set(image.config, await buffer(await store.readBlob(image.config)));
      for (const { diffId } of image.layers) layers.set(diffId, await staging.compressLayer(diffId));
    }
    await staging.discard();
    return {
      layers,
      blobs,
      images: new Map(images.map((image) => [image.config, image.layers.map(({ diffId }) => diffId)])),
    };
  }

  return {
    folder: () => folder,
    content: () => store,
    parts,
    read: async (path: string): Promise<InspectedRam> => {
      const staging = await store.stage('reading');
      try {
        const inspected = await readRamPackage({ path }, staging);
        await staging.commit();
        return inspected;
      } finally {
        await staging.discard();
      }
    },
    /** As a package of the reference system; answers its path. */
    write: async (inspected: InspectedRam): Promise<string> => {
      const { fileName, pieces } = writeRamPackage({ ...inspected, ...(await parts(inspected)) });
      const path = join(folder, fileName);
      await pipeline(gzipBytes(pieces, store), createWriteStream(path));
      return path;
    },
  } as const;
}
