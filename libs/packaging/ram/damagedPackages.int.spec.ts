import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, buildImageArchive, buildRamPackage, ramMetadata } from '../testing/index.js';
import { deep, printedSeed } from '../testing/depth.js';
import { hostileReader, type HostileReader, type Outcome } from '../testing/hostile/index.js';

const BLOCK = 512;
const image = buildImage({ references: ['demo/web:1'], layers: [{ page: 'page' }] });
const metadata = ramMetadata({ components: [{ key: 'web', image: 'demo/web:1' }] });
const built = (cutImages?: number) =>
  buildRamPackage({
    metadata,
    images: [image],
    mutate: (entries) =>
      entries.map((entry) =>
        cutImages !== undefined && entry.name.endsWith('images.tar')
          ? { ...entry, content: (entry.content as Buffer).subarray(0, cutImages) }
          : entry,
      ),
  });

const seed = printedSeed('damaged packages');
const tally = { cut: 0, flipped: 0, harmless: 0 };
let reader: HostileReader;
let whole: Uint8Array;
let plain: Uint8Array;
let manifest: string;

beforeAll(async () => {
  reader = await hostileReader();
  whole = await built();
  plain = gunzipSync(whole);
  const outcome = await reader.read(whole);
  manifest = outcome.kind === 'kept' ? outcome.found.manifestDigest : '';
});
afterAll(async () => {
  await reader.close();
  const { cut, flipped, harmless } = tally;
  process.stdout.write(
    `${cut} cut and ${flipped} flipped packages: ${cut + flipped - harmless} refused, ${harmless} whole all the same, 0 stored\n`,
  );
});

const codeOf = (outcome: Outcome) => (outcome.kind === 'refused' ? outcome.error.code : 'kept');
const boundaries = (length: number) => Array.from({ length: Math.ceil(length / BLOCK) }, (_, i) => i * BLOCK);
/** Offsets to try: some in `npm test`, all in `npm run verify:deep`. */
const offsets = (length: number, sample: number): readonly number[] =>
  deep ? Array.from({ length }, (_, at) => at) : [...new Set(fc.sample(fc.nat(length - 1), { seed, numRuns: sample }))];

async function cut(bytes: Uint8Array): Promise<string> {
  tally.cut += 1;
  const code = codeOf(await reader.read(bytes));
  if (code === 'kept') tally.harmless += 1;
  return code;
}

describe('a package that was not copied whole is told so', { timeout: 3_600_000 }, () => {
  it('at every block of its archive', async () => {
    for (const length of boundaries(plain.length)) {
      // Of the end mark's two blocks of zeros one is enough.
      const expected = length === 0 ? 'package-empty' : length === plain.length - BLOCK ? 'kept' : 'package-truncated';
      expect([length, await cut(gzipSync(plain.subarray(0, length)))]).toEqual([length, expected]);
    }
  });

  it('at every block of its images', async () => {
    const size = buildImageArchive({ images: [image] }).length;
    for (const length of boundaries(size)) {
      const expected = length === 0 ? 'package-image-missing' : length === size - BLOCK ? 'kept' : 'package-truncated';
      expect([length, await cut(await built(length))]).toEqual([length, expected]);
    }
  });

  it('at every byte of its gzip data', async () => {
    for (const length of new Set([0, 1, ...boundaries(whole.length), ...offsets(whole.length, 40)])) {
      const expected = length === 0 ? 'package-empty' : length < 2 ? 'package-not-gzip' : 'package-truncated';
      expect([length, await cut(whole.subarray(0, length))]).toEqual([length, expected]);
    }
  });

  it('also where it is a genuine one', async () => {
    const genuine = await readFile(new URL('../../../test/fixtures/backend-system-1.0-ram.tar.gz', import.meta.url));
    const lengths = boundaries(genuine.length).slice(1);
    for (const length of lengths.filter((_, i) => i % (deep ? 97 : 971) === 0))
      expect([length, await cut(genuine.subarray(0, length))]).toEqual([length, 'package-truncated']);
  });
});

describe('a package in which a bit flipped', { timeout: 3_600_000 }, () => {
  it('on the way is damaged, not wrong', async () => {
    for (const at of offsets(whole.length, 80)) {
      tally.flipped += 1;
      const bytes = flipped(whole, at);
      const outcome = await reader.read(bytes);
      if (outcome.kind === 'kept') {
        tally.harmless += 1;
        // A flip may hit what nobody reads: the time in the header, a code that is not used.
        expect([at, outcome.found.manifestDigest, gunzipSync(bytes).equals(plain)]).toEqual([at, manifest, true]);
      } else if (at < 2) expect(outcome.error.code).toBe('package-not-gzip');
      else
        expect([at, ['package-damaged', 'package-truncated']]).toEqual([
          at,
          expect.arrayContaining([outcome.error.code]),
        ]);
    }
  });

  it('before it was packed is refused, or its images are whole', async () => {
    for (const at of offsets(plain.length, 120)) {
      tally.flipped += 1;
      const outcome = await reader.read(gzipSync(flipped(plain, at), { level: 1 }));
      if (outcome.kind === 'refused') continue;
      tally.harmless += 1;
      expect(outcome.found.images.map(({ config }) => config)).toEqual([image.id]);
    }
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}
