import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { newPublisher, signingKeyOf } from '../signing/index.js';
import { signInventory } from '../inventory.js';
import { partsIndexBytes } from '../parts/index.js';
import { buildImage } from '../testing/buildImage.js';
import { buildImageArchive } from '../testing/buildImageArchive.js';
import { buildRamPackage, ramMetadata } from '../testing/buildRamPackage.js';
import { buildWaybillPackage } from '../testing/buildWaybillPackage.js';
import { memoryFolder } from '../testing/memoryFolder.js';
import { tarFile } from '../testing/tarFile.js';
import { canonicalJson, sha256 } from '@waybill/kernel';
import { recognise } from './recognise.js';

let folder: string;
beforeAll(async () => {
  folder = await memoryFolder('waybill-recognise-');
});
afterAll(() => rm(folder, { recursive: true }));

const image = buildImage({ references: ['shop/web:1'], layers: [{ 'bin/web': 'web' }] });
const metadata = ramMetadata({ key: 'shop', components: [{ key: 'web', image: 'shop/web:1' }] });
const publisher = newPublisher('Acme', signingKeyOf(Buffer.alloc(32, 1)));
const inventory = signInventory(
  publisher,
  '2026-01-02T03:04:05Z',
  Array.from({ length: 300 }, (_, n) => sha256(String(n))),
);
const index = partsIndexBytes({
  schema: 1,
  package: { name: 'shop.waybill', digest: sha256('ab'), size: 2 },
  partSize: 1,
  parts: [sha256('a'), sha256('b')],
});

/** Longer than what is looked at of either end. */
const many = Array.from({ length: 100 }, (_, n) => sha256(String(n)));
const request = { schema: 1, template: 'shop', version: '1.1.0', manifest: sha256('m'), layers: many, missing: many };

/** Files by their names; what each is found to be, or the sentence with which it is not taken. */
const files: readonly (readonly [string, () => Promise<Uint8Array | string> | Uint8Array | string, string | RegExp])[] =
  [
    ['shop.waybill', () => buildWaybillPackage({ metadata, images: [image] }), 'waybill'],
    ['shop.tar.gz', () => buildRamPackage({ metadata, images: [image] }), 'ram'],
    ['old.zip', () => Buffer.from('PK\x03\x04 and more'), 'ram'],
    ['shop.waybill.parts.json', () => index, 'parts'],
    ['shop.waybill.part-002', () => 'b', 'parts'],
    ['renamed.json', () => index, 'parts'],
    ['lone.waybill.part-003', () => 'b', /part 3 of a split package, by its name\. Put lone\.waybill\.parts\.json/],
    ['empty', () => '', /holds nothing/],
    [
      'images.tar',
      () => buildImageArchive({ images: [image] }),
      /is an archive of images\. It carries images without a t/,
    ],
    ['oci.tar', () => tarFile([{ name: './oci-layout', content: '{}' }]), /is an archive of images/],
    [
      'compose.tar',
      () => tarFile([{ name: 'shop/docker-compose.yml', content: 'services: {}' }]),
      /docker-compose package/,
    ],
    ['chart.tar', () => tarFile([{ name: 'shop/Chart.yaml', content: 'name: shop' }]), /a Helm package/],
    ['unzipped.tar', () => tarFile([{ name: 'shop/metadata.json', content: '{}' }]), /Compress it again: gzip/],
    ['other.tar', () => tarFile([{ name: 'readme', content: 'x' }]), /is an uncompressed tar archive/],
    ['inventory.json', () => JSON.stringify(inventory), /is the inventory of a site/],
    ['shop-1.1.0.request.json', () => `${canonicalJson({ ...request })}\n`, 'request'],
    ['sbom.json', () => '{"bomFormat": "CycloneDX", "specVersion": "1.6"}', /a bill of materials.*attach-sbom/],
    ['publisher-roots.json', () => JSON.stringify(publisher.roots), /is the roots of a publisher/],
    ['metadata.json', () => JSON.stringify(metadata), /metadata\.json of a package/],
    ['any.json', () => '[1]', /is JSON text/],
    ['compose.yaml', () => 'services:\n  web:\n    image: web\n', /is a Compose file.*waybill publish/],
    ['readme.txt', () => 'hello', /is text\. It is no package/],
    ['noise', () => Buffer.from([0, 1, 2, 3]), /is unknown data/],
  ];

const outcome = (path: string) =>
  recognise(path).then(
    ({ kind }) => kind,
    (error: unknown) => (isWaybillError(error) ? `${error.code}: ${error.message}` : error),
  );

it.each(files)('%s is told by what is in it', async (name, content, expected) => {
  await writeFile(join(folder, 'shop.waybill.parts.json'), index);
  await writeFile(join(folder, name), await content());
  const found = await outcome(join(folder, name));
  if (typeof expected === 'string') expect(found).toBe(expected);
  else expect(found).toMatch(expected);
});

it.each([
  [['metadata.json', 'component-images.tar'], /unpacked folder of a package of the reference system\. Pack it again/],
  [['waybill.json', 'SHA256SUMS'], /unpacked folder of a package of the waybill format/],
  [['oci-layout', 'index.json'], /an OCI image layout/],
  [['Chart.yaml'], /Helm chart/],
  [['docker-compose.yml', 'run.sh'], /a folder with a Compose file/],
  [
    ['shop.waybill.parts.json', 'shop.waybill.part-001'],
    /index of the split package in it: shop\.waybill\.parts\.json/,
  ],
  [['readme'], /is a folder\. Name a file in it/],
])('a folder with %j is told by the names in it', async (names, expected) => {
  const place = join(folder, `folder-${names.join('-')}`);
  await mkdir(place);
  for (const name of names) await writeFile(join(place, name), '');
  expect(await outcome(place)).toMatch(expected);
});

it('says of a file that is not there that it is not', async () => {
  expect(await outcome(join(folder, 'nowhere'))).toMatch(/^package-not-found/);
  expect(await outcome(join(folder, 'readme.txt', 'within'))).toMatch(/^package-not-found/);
  expect(await recognise(join(folder, 'shop.waybill.part-002'))).toEqual({
    kind: 'parts',
    index: join(folder, 'shop.waybill.parts.json'),
    part: { name: 'shop.waybill.part-002', number: 2 },
  });
  await writeFile(join(folder, 'shop.tgz'), gzipSync('x'));
  expect(await outcome(join(folder, 'shop.tgz'))).toBe('ram');
});
