import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isWaybillError, type Digest } from '@waybill/kernel';
import { openContentStore, type ContentStore } from '@waybill/content-store';
import { buildImage, buildRamPackage, ramMetadata, type ArchiveForm } from '../testing/index.js';
import { readRamPackage } from './readRamPackage.js';

let root: string;
let store: ContentStore;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'damaged-'));
  store = await openContentStore(join(root, 'store'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const web = buildImage({ references: ['demo/web:1'], layers: [{ base: 'base' }, { page: 'page' }] });
const metadata = ramMetadata({ components: [{ key: 'web', image: 'demo/web:1' }] });

// The gzip checksum is right here, as in a package that someone changed on purpose.
it.each<ArchiveForm>(['docker-save', 'oci'])(
  'a changed package is refused by the catalogue, or its images are whole: %s',
  async (form) => {
    const plain = gunzipSync(await buildRamPackage({ metadata, images: [web], form }));
    const path = join(root, `${form}.tar.gz`);
    const edits = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = Buffer.from(plain);
        for (const [at, value] of changes) bytes[at] = value;
        await writeFile(path, gzipSync(bytes, { level: 1 }));
        const staging = await store.stage('import');
        try {
          const { images, manifest } = await readRamPackage({ path }, staging);
          const component = manifest.components.find((each) => each.image !== undefined);
          const layers = images.flatMap((image) => image.layers.map(({ diffId }): Digest => diffId));
          expect(images.map(({ config }) => config)).toEqual([web.id]);
          expect(layers).toEqual(web.layers.map(({ diffId }) => diffId));
          expect(component?.image?.config ?? web.id).toBe(web.id);
          for (const diffId of layers) expect(await staging.hasLayer(diffId)).toBe(true);
        } catch (error) {
          if (!isWaybillError(error)) throw error;
          expect(error.code).toMatch(/^(package-|template-|invalid-)/);
        } finally {
          await staging.discard();
        }
      }),
      { numRuns: 250 },
    );
  },
);
