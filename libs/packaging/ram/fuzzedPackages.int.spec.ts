import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isWaybillError } from '@waybill/kernel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manifestDigest } from '../manifestDigest.js';
import { deep, printedSeed } from '../testing/depth.js';
import { reordered } from '../testing/draft.js';
import { edited, edits, oddTexts } from '../testing/editedMetadata.js';
import { hostileReader, type HostileReader, type Outcome } from '../testing/hostile/index.js';
import { buildImage, buildRamPackage, type ArchiveForm, type TarFileEntry } from '../testing/index.js';
import { madeUpImage } from '../testing/ramFixture.js';
import { richMetadata, type Draft } from '../testing/richMetadata.js';
import { normaliseRam } from './normaliseRam.js';
import { parseRamMetadata } from './parseRamMetadata.js';

const seed = printedSeed('fuzzed packages');
const runs = (sample: number, whole: number) => ({ seed, numRuns: deep ? whole : sample });
const tally = { refused: 0, kept: 0 };

let reader: HostileReader;
beforeAll(async () => {
  reader = await hostileReader();
});
afterAll(async () => {
  await reader.close();
  const { refused, kept } = tally;
  process.stdout.write(`${refused + kept} fuzzed packages: ${refused} refused, ${kept} kept, 0 stored\n`);
});

const references = ['a1:20260101120000', 'b2:20260101120500', 'c3:1', 'e5:1', 'p1:9'];
const madeUp = references.map((reference) => madeUpImage(reference, `hub.example/ns/${reference}`));
const images = references.map((reference) =>
  buildImage({ references: [`hub.example/ns/${reference}`], layers: [{ base: 'base' }, { file: reference }] }),
);

const jsonOf = (draft: Draft) => Buffer.from(JSON.stringify(draft));

it('Metadata that was changed by lot is refused by the catalogue, or gives one manifest however it is written', () => {
  fc.assert(
    fc.property(edits, (all) => {
      const draft = edited(all);
      const digestOf = (bytes: Uint8Array) => manifestDigest(normaliseRam(parseRamMetadata(bytes), madeUp).manifest);
      let digest: string;
      try {
        digest = digestOf(jsonOf(draft));
      } catch (error) {
        if (!isWaybillError(error)) throw error;
        expect(error.code).toMatch(/^(package-|template-invalid)/);
        return;
      }
      expect(digestOf(jsonOf(reordered(draft)))).toBe(digest);
      expect(digestOf(Buffer.from(JSON.stringify(draft, null, 3)))).toBe(digest);
    }),
    runs(300, 100_000),
  );
}, 3_600_000);

/** What is done to an entry of an archive that is drawn by lot. */
interface Blow {
  readonly at: number;
  readonly other: number;
  readonly text: string;
  readonly kind: number;
}
const blows = fc.array(
  fc.record<Blow>({
    at: fc.nat(),
    other: fc.nat(),
    text: fc.constantFrom(
      ...oddTexts.map((text) => text.toWellFormed()),
      'package-1.0-ram/metadata.json',
      'manifest.json',
    ),
    kind: fc.nat(11),
  }),
  { minLength: 1, maxLength: 4 },
);

const struck = (all: readonly Blow[]) => (entries: readonly TarFileEntry[]) =>
  all.reduce<readonly TarFileEntry[]>((list, { at, other, text, kind }) => {
    const entry = list[at % list.length];
    const elsewhere = list[other % list.length];
    if (entry === undefined || elsewhere === undefined) return list;
    const bytes = Buffer.from(entry.content ?? '');
    const others = list.filter((each) => each !== entry);
    const put = (...more: readonly TarFileEntry[]) => list.flatMap((each) => (each === entry ? more : [each]));
    const strokes: readonly (() => readonly TarFileEntry[])[] = [
      () => others,
      () => [...list, entry],
      () => [...others, entry],
      () => put({ ...entry, name: 'x', pax: { path: text } }),
      () => put({ ...entry, name: elsewhere.name }),
      () => put({ ...entry, content: elsewhere.content ?? '' }),
      () => put({ ...entry, content: bytes.subarray(0, other % (bytes.length + 1)) }),
      () => put({ ...entry, content: Buffer.concat([bytes, Buffer.from(text)]) }),
      () => put({ ...entry, size: other % 10_000 }),
      () => put({ ...entry, type: String.fromCharCode(other % 128) }),
      () => put({ name: entry.name, type: other % 2 === 0 ? '1' : '2', link: 'x', pax: { linkpath: text || 'x' } }),
      () => put({ name: entry.name, type: '2', link: elsewhere.name }),
    ];
    return strokes[kind]?.() ?? list;
  }, entries);

async function tried(bytes: Uint8Array): Promise<Outcome> {
  const outcome = await reader.read(bytes);
  tally[outcome.kind] += 1;
  return outcome;
}

/** Every image is one that was made here, with its layers as they were: nothing was foisted. */
function expectGenuine(outcome: Outcome): void {
  if (outcome.kind === 'refused') return;
  const known = new Map(images.map((image) => [image.id, image.layers.map(({ diffId }) => diffId)]));
  for (const { config, layers } of outcome.found.images)
    expect(layers.map(({ diffId }) => diffId)).toEqual(known.get(config));
}

it.each<ArchiveForm>(['docker-save', 'oci'])(
  'An archive that was changed by lot is refused by the catalogue, or what is read of it is genuine: %s',
  async (form) => {
    const inner = fc.oneof(fc.constant([]), blows);
    await fc.assert(
      fc.asyncProperty(inner, inner, fc.oneof(fc.constant([]), edits), async (outside, inside, all) => {
        const metadata = edited(all);
        const bytes = await buildRamPackage({
          metadata: jsonOf(metadata),
          images,
          form,
          mutate: struck(outside),
          mutateImages: struck(inside),
        });
        const outcome = await tried(bytes);
        expectGenuine(outcome);
        if (outcome.kind === 'refused') return;
        const again = await reader.read(bytes);
        expect(again.kind === 'kept' && again.found.manifestDigest).toBe(outcome.found.manifestDigest);
      }),
      runs(50, 2_000),
    );
  },
  3_600_000,
);

it.each<ArchiveForm>(['docker-save', 'oci'])(
  'Bytes that were changed on purpose, with the checksum made right, foist no image: %s',
  async (form) => {
    const plain = gunzipSync(await buildRamPackage({ metadata: richMetadata(), images, form }));
    const changes = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const bytes = Buffer.from(plain);
        for (const [at, value] of all) bytes[at] = value;
        expectGenuine(await tried(gzipSync(bytes, { level: 1 })));
      }),
      runs(50, 2_000),
    );
  },
  3_600_000,
);
