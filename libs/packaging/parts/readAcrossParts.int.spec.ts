import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContentStore } from '@waybill/content-store';
import { sha256 } from '@waybill/kernel';
import { digestOfFile, openPackage, type PackageFile } from '../file/packageBytes.js';
import { readPackage } from '../readPackage.js';
import { buildImage } from '../testing/buildImage.js';
import { buildRamPackage, ramMetadata } from '../testing/buildRamPackage.js';
import { buildWaybillPackage } from '../testing/buildWaybillPackage.js';
import { memoryFolder } from '../testing/memoryFolder.js';

let folder: string;
let runs = 0;
beforeAll(async () => {
  folder = await memoryFolder('waybill-parts-');
});
afterAll(() => rm(folder, { recursive: true }));

/** Lies in parts on the disk, and nowhere whole. */
async function split(bytes: Uint8Array, partSize: number): Promise<PackageFile> {
  const place = join(folder, String((runs += 1)));
  await mkdir(place);
  const parts: { readonly path: string; readonly size: number }[] = [];
  for (let at = 0; at < bytes.length; at += partSize) {
    const part = bytes.subarray(at, at + partSize);
    const path = join(place, String(at));
    await writeFile(path, part);
    parts.push({ path, size: part.length });
  }
  return { name: 'split', parts };
}

describe('a package in parts', () => {
  it('is read from anywhere in it as the one file it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.tuple(fc.nat(220), fc.nat(220)), { maxLength: 6 }),
        async (bytes, partSize, places) => {
          const opened = await openPackage(await split(bytes, partSize));
          expect([opened.size, await digestOfFile(opened)]).toEqual([bytes.length, sha256(bytes)]);
          for (const [at, length] of places) {
            const place = Buffer.alloc(length);
            const expected = bytes.subarray(at, at + length);
            expect(await opened.readInto(place, at)).toBe(expected.length);
            expect(place.subarray(0, expected.length).equals(expected)).toBe(true);
            const read = opened.read(at, length).then(
              (found) => found.equals(expected),
              () => 'truncated',
            );
            expect(await read).toBe(expected.length === length ? true : 'truncated');
          }
          await opened.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  const image = buildImage({ references: ['shop/web:1'], layers: [{ 'bin/web': 'web '.repeat(3000) }] });
  const metadata = ramMetadata({ key: 'shop', components: [{ key: 'web', image: 'shop/web:1' }] });
  it.each([
    ['waybill', () => buildWaybillPackage({ metadata, images: [image] })],
    ['ram', () => buildRamPackage({ metadata, images: [image] })],
  ] as const)('of the format %s is inspected as the whole would be', async (format, build) => {
    const bytes = await build();
    const whole = join(folder, format);
    await writeFile(whole, bytes);
    const read = async (file: PackageFile) => {
      const staging = await (await openContentStore(join(folder, `content-${String((runs += 1))}`))).stage('read');
      return readPackage(file, staging);
    };
    expect(await read(await split(bytes, 700))).toEqual(await read({ path: whole, name: 'split' }));
  });

  it('is not opened when a part has another size', async () => {
    const file = await split(Buffer.from('abcdef'), 4);
    if ('path' in file) throw new Error('it is split');
    await writeFile(file.parts[1]?.path ?? '', 'e');
    await expect(openPackage(file)).rejects.toMatchObject({ code: 'part-differs', details: { expected: '2 bytes' } });
  });
});
