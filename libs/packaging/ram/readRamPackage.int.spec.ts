import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { openContentStore, type ContentStore, type Staging } from '@waybill/content-store';
import { readRamPackage } from './readRamPackage.js';
import { buildImage, buildRamPackage, ramMetadata, type ArchiveForm, type TarFileEntry } from '../testing/index.js';
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

describe('a package', () => {
  const db = buildImage({ references: ['demo/db:1'], layers: [{ base: 'base' }, { data: 'data' }] });
  const web = buildImage({ references: ['demo/web:1'], layers: [{ base: 'base' }, { page: 'page' }] });
  const plugin = buildImage({ references: ['demo/mesh:1'], layers: [{ base: 'base' }] });
  const metadata = ramMetadata({
    version: '1.4',
    components: [
      { key: 'db', image: 'demo/db:1', ports: [5432] },
      { key: 'web', image: 'demo/web:1', ports: [8080], dependsOn: ['db'] },
    ],
  });
  const sound = { metadata, images: [db, web] } as const;

  async function read(bytes: Uint8Array, options: Parameters<typeof readRamPackage>[2] = {}, name = 'p-ram.tar.gz') {
    const path = join(root, name);
    await writeFile(path, bytes);
    return readRamPackage({ path }, staging, options);
  }
  const reversed = (entries: readonly TarFileEntry[]) => [...entries].reverse();
  const code = (value: string): unknown => expect.objectContaining({ code: value }) as unknown;

  it.each<ArchiveForm>(['docker-save', 'oci'])('has one manifest, whatever made its images: %s', async (form) => {
    const inspected = await read(await buildRamPackage({ ...sound, form }));
    const other = await read(await buildRamPackage({ ...sound, mutate: reversed, folder: '商店 1.4-ram' }));
    expect(inspected.images).toEqual([db.packaged, web.packaged]);
    expect(other.manifestDigest).toBe(inspected.manifestDigest);
    expect(inspected.manifest.components.map(({ key, image }) => [key, image?.config])).toEqual([
      ['db', db.id],
      ['web', web.id],
    ]);
  });

  it('may carry images of plugins, which are read and reported; an archive without any is no fault', async () => {
    const carried = await read(await buildRamPackage({ ...sound, pluginImages: [plugin] }));
    expect(carried.images).toEqual([db.packaged, web.packaged, plugin.packaged]);
    expect(carried.notices.map(({ code }) => code)).toContain('plugin-images');
    for (const content of ['', Buffer.alloc(10240)]) {
      const empty = { name: 'package-1.0-ram/plugin-images.tar', content };
      const read_ = await read(await buildRamPackage({ ...sound, mutate: (entries) => [...entries, empty] }));
      expect(read_.images).toEqual([db.packaged, web.packaged]);
      expect(read_.notices.map(({ code }) => code)).toContain('image-archive-empty');
    }
  });

  it('may hold what is not known: it is named, the first twenty one by one', async () => {
    const more = Array.from({ length: 25 }, (_, i) => ({ name: `package-1.0-ram/notes/${i}.txt`, content: 'x' }));
    const { notices } = await read(await buildRamPackage({ ...sound, mutate: (entries) => [...entries, ...more] }));
    const unknown = notices.filter(({ code }) => code === 'unknown-entry');
    expect(unknown.map(({ subject }) => subject)).toEqual([...more.slice(0, 20).map(({ name }) => name), 'package']);
    expect(unknown.at(-1)?.message).toMatch(/^5 more entries/);
  });

  it('that is not there, or is a directory, is told so', async () => {
    await expect(readRamPackage({ path: join(root, 'gone') }, staging)).rejects.toEqual(code('package-not-found'));
    await expect(readRamPackage({ path: root }, staging)).rejects.toEqual(code('package-not-found'));
  });

  it('is read no further when asked to stop', async () => {
    const stop = new AbortController();
    const reading = read(await buildRamPackage(sound), {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(reading).rejects.toThrow('enough');
  });

  it('is called by the name it was given', async () => {
    const path = join(root, 'upload-17');
    await writeFile(path, 'no package');
    await expect(readRamPackage({ path, name: 'shop-1.0-ram.tar.gz' }, staging)).rejects.toThrow(
      'shop-1.0-ram.tar.gz is not a gzip file: it begins with text.',
    );
  });
});
