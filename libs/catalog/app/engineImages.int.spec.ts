import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openContentStore, type ContentStore } from '@waybill/content-store';
import { buildImage, buildImageArchive, type BuiltImage } from '@waybill/packaging/testing';
import { freshDisk, type Disk } from '../testing/site.js';
import { engineImages } from './engineImages.js';

const MiB = 1024 ** 2;
const large = (letter: string, size = 2) => ({ [letter]: letter.repeat(size * MiB) });
const image = (...layers: readonly Readonly<Record<string, string>>[]) =>
  buildImage({ references: ['shop/web:1'], layers: [{ small: 'small' }, ...layers] });

let disk: Disk;
let content: ContentStore;
beforeEach(async () => {
  disk = await freshDisk();
  content = await openContentStore(disk.content);
});
afterEach(() => disk.remove());

/** What an engine does that has one image. */
function engineWith(built: BuiltImage) {
  const calls: string[] = [];
  const saveImages = async <T>(
    names: readonly string[],
    use: (archive: Readable, layers: readonly BuiltImage['id'][]) => Promise<T>,
  ) => {
    calls.push(names.join());
    const archive = Readable.from([buildImageArchive({ images: [built] })], { objectMode: false });
    const result = await use(
      archive,
      built.layers.map(({ diffId }) => diffId),
    );
    return { result, ids: new Map([['shop/web:1', built.id]]) };
  };
  return { calls, runtime: { saveImages } };
}

async function published(built: BuiltImage) {
  const { calls, runtime } = engineWith(built);
  const staging = await content.stage('publishing');
  const found = await engineImages(runtime, content)([{ reference: 'shop/web:1' }], staging, {});
  expect(found).toEqual({ images: [built.packaged] });
  await staging.commit();
  await staging.discard();
  for (const { diffId } of built.layers) expect(await content.verify('layer', diffId)).toBe('sound');
  return { asked: calls.length };
}

it('What is here already is hashed on its way, and not stored again', async () => {
  await published(image(large('a')));
  expect(await published(image(large('a'), large('b', 3)))).toEqual({ asked: 1 });
});

it('A layer that only has the size of a known one is brought all the same', async () => {
  const other = image(large('a'), large('c'));
  expect(other.packaged.layers[1]?.size).toBe(other.packaged.layers[2]?.size);
  await published(image(large('a')));
  expect(await published(other)).toEqual({ asked: 2 });
});

it('A known layer that is gone when it comes is brought again', async () => {
  const built = image(large('a'));
  await published(built);
  const elsewhere = await freshDisk();
  const staging = await (await openContentStore(elsewhere.content)).stage('publishing');
  const { calls, runtime } = engineWith(built);
  const found = await engineImages(runtime, content)([{ reference: 'shop/web:1' }], staging, {});
  expect([found, calls.length]).toEqual([{ images: [built.packaged] }, 2]);
  for (const { diffId } of built.layers) expect(await staging.hasLayer(diffId)).toBe(true);
  await elsewhere.remove();
});
