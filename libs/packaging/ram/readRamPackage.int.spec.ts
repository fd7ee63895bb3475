import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { openContentStore, type ContentStore, type Staging } from '@waybill/content-store';
import { readRamPackage } from './readRamPackage.js';
import { ramFixture } from '../testing/ramFixture.js';

let root: string;
let store: ContentStore;
let staging: Staging;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ram-package-'));
  store = await openContentStore(root);
  staging = await store.stage('import');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fixture = (version: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/backend-system-${version}-ram.tar.gz`, import.meta.url));

describe('a package of the genuine exporter', () => {
  it.each(['1.0', '2.0'])('is read whole: backend-system %s', async (version) => {
    const progress: [number, number][] = [];
    const path = fixture(version);
    const inspected = await readRamPackage({ path }, staging, {
      onProgress: (bytes, total) => progress.push([bytes, total]),
    });
    const bytes = await readFile(path);
    const independent = await ramFixture(`backend-system-${version}-ram.tar.gz`);
    const withoutSizes = inspected.images.map((image) => ({
      ...image,
      layers: image.layers.map(({ diffId }) => ({ diffId, size: 0 })),
    }));
    expect(inspected.file).toEqual({ digest: sha256(bytes), size: bytes.length });
    expect(progress.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(sha256(inspected.source)).toBe(sha256(independent.metadata));
    expect(withoutSizes).toEqual(independent.images);
    expect(inspected.manifest.version).toBe(version);
    const layers = inspected.images.flatMap((image) => image.layers.map((layer) => layer.diffId));
    await staging.commit({ layers, blobs: inspected.images.map((image) => image.config) });
    for (const layer of layers) expect(await store.verify('layer', layer)).toBe('sound');
  });
});
