import fc from 'fast-check';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openContentStore, type ContentStore, type StoredLayer } from '@waybill/content-store';
import { isVersion, isWaybillError, type Digest } from '@waybill/kernel';
import {
  composeSourceBytes,
  manifestDigest,
  newPublisher,
  normalise,
  readPackage,
  signingKeyOf,
  type Manifest,
  type NormalisedSource,
  type SourceFormat,
} from '@waybill/packaging';
import { buildImage } from '@waybill/packaging/testing';
import { deep, edited, edits, printedSeed, type Edit } from '@waybill/packaging/testing/hostile';
import type { ExportFormat } from '../domain/exportEvents.js';
import { imageListOf } from '../domain/imageList.js';
import { freshDisk, type Disk } from '../testing/site.js';
import type { ExportContent } from './exportContent.js';
import { packageToWrite } from './exportPackage.js';

const seed = printedSeed('exported packages');
const runs = (sample: number, whole: number) => ({ seed, numRuns: deep ? whole : sample });

const references = ['a1:20260101120000', 'b2:20260101120500', 'c3:1', 'e5:1', 'p1:9'].map(
  (it) => `hub.example/ns/${it}`,
);
const images = references.map((reference) =>
  buildImage({ references: [reference], layers: [{ base: 'base' }, { file: reference }] }),
);
const packaged = images.map((image) => image.packaged);
const publisher = newPublisher('Acme', signingKeyOf(new Uint8Array(32).fill(3)));

let disk: Disk;
let content: ContentStore;
const layers = new Map<Digest, StoredLayer>();

beforeAll(async () => {
  disk = await freshDisk();
  content = await openContentStore(disk.content);
  const staging = await content.stage('images');
  for (const { diffId, tar } of images.flatMap((image) => image.layers))
    layers.set(diffId, await staging.putLayer(Readable.from([tar], { objectMode: false }), { compress: true }));
  await staging.commit();
  await staging.discard();
});
afterAll(() => disk.remove());

/** What an import or a publication makes of it: one that has no number that orders is given another. */
function taken(format: SourceFormat, source: Uint8Array): NormalisedSource | undefined {
  try {
    const found = normalise(format, source, packaged);
    const { version } = found.manifest;
    return { ...found, manifest: { ...found.manifest, version: isVersion(version) ? version : '9.9' } };
  } catch (error) {
    if (isWaybillError(error)) return undefined;
    throw error;
  }
}

async function exportedAndRead(format: ExportFormat, sourceFormat: SourceFormat, source: Uint8Array): Promise<void> {
  const version = taken(sourceFormat, source);
  if (version === undefined) return;
  const { manifest, documents } = version;
  const exported = await packageToWrite({ format }, contentOf(sourceFormat, source, manifest, documents), layers, {
    content,
    publisher: () => publisher,
    signal: new AbortController().signal,
  });
  const path = join(disk.packages, 'package');
  await writeFile(path, await buffer(exported.bytes));
  const staging = await content.stage('reading');
  try {
    const found = await readPackage({ path, name: exported.name }, staging);
    expect(found.manifest).toEqual(manifest);
    expect(found.manifestDigest).toBe(manifestDigest(manifest));
  } finally {
    await staging.discard();
    await rm(path);
  }
}

const contentOf = (
  sourceFormat: SourceFormat,
  source: Uint8Array,
  manifest: Manifest,
  documents: ReadonlyMap<Digest, Uint8Array>,
): ExportContent => ({
  added: {
    event: {
      type: 'version-published',
      data: { manifest: manifestDigest(manifest), manifestSchema: manifest.schema, sourceFormat },
    },
    metadata: { recordedAt: '2026-01-02T03:04:05.006Z' },
  } as unknown as ExportContent['added'],
  manifest,
  source,
  documents,
  images: imageListOf(packaged),
  blobs: new Map(images.map(({ id, config }) => [id, config])),
  layers: [...layers.keys()],
  withdrawn: [],
  sboms: [],
});

/** One component also goes by what is the key of another. */
const oneKeyTwice: readonly Edit[] = [
  { at: 1033955580, other: 0, value: null, kind: 0 },
  { at: 1022490756, other: 1100300514, value: null, kind: 1 },
];

it.each<ExportFormat>(['ram', 'waybill'])(
  'A version of whatever metadata the reader takes is read from its %s package as it was',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(edits, (all) =>
        exportedAndRead(format, 'ram', Buffer.from(JSON.stringify(edited(all)).toWellFormed())),
      ),
      { ...runs(60, 5_000), examples: [[oneKeyTwice]] },
    );
  },
  3_600_000,
);

const text = fc.string({ maxLength: 12 }).map((value) => value.replaceAll('$', '$$'));
const name = fc.constantFrom('LEVEL', 'PASSWORD', 'URL', 'db_host');
const service = fc.record(
  {
    image: fc.constantFrom(...references),
    environment: fc.dictionary(
      name,
      fc.oneof(text, fc.constantFrom('${LEVEL:-info}', '${PASSWORD}', '127.0.0.1:5432')),
    ),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }).map(String), { maxLength: 3 }),
    volumes: fc.uniqueArray(fc.constantFrom('data:/data', 'logs:/var/log', '/cache'), { maxLength: 3 }),
    env_file: fc.constant('one.env'),
    command: fc.oneof(text, fc.array(text, { maxLength: 3 })),
    healthcheck: fc.record({ test: fc.constant(['CMD', 'true']), interval: fc.constantFrom('1s', '1m30s') }),
    deploy: fc.record({ replicas: fc.nat(5) }),
    profiles: fc.constant(['debug']),
    labels: fc.dictionary(name, text),
    init: fc.boolean(),
  },
  { requiredKeys: ['image'] },
);
const composeFile = fc.record({
  'x-waybill': fc.record({ generate: fc.uniqueArray(name, { maxLength: 2 }) }),
  services: fc.dictionary(fc.constantFrom('web', 'db', 'queue', 'job-1'), service, { minKeys: 1 }),
  volumes: fc.constant({ data: {}, logs: {} }),
});

it('A version of whatever Compose file the reader takes is read from its waybill package as it was', async () => {
  await fc.assert(
    fc.asyncProperty(composeFile, text, (file, level) =>
      exportedAndRead(
        'waybill',
        'compose',
        composeSourceBytes({
          schema: 1,
          compose: JSON.stringify(file),
          files: { '.env': 'LEVEL=debug\n', 'one.env': `EXTRA=${JSON.stringify(level)}\n` },
          template: 'shop',
          version: '1.0',
          images: Object.fromEntries(packaged.map(({ references: [reference = ''], config }) => [reference, config])),
        }),
      ),
    ),
    runs(40, 3_000),
  );
}, 3_600_000);
