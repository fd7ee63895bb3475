import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { openContentStore } from './index.js';
import { sparingWriter } from './sparingWriter.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sparing-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const pieces = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
const stream = (bytes: Uint8Array, size: number) => Readable.from(pieces(bytes, size), { objectMode: false });

/** Contents that share beginnings, sizes or all of it: bases, and what they are from some byte on. */
const content = fc
  .record({
    seed: fc.nat({ max: 1 }),
    length: fc.constantFrom(0, 1, 2999, 3000, 3000, 3000, 3001),
    changes: fc.array(fc.nat({ max: 2999 }), { maxLength: 2 }),
  })
  .map(({ seed, length, changes }) => {
    const bytes = Buffer.alloc(length, `some layer ${seed}`);
    for (const at of changes) if (at < length) bytes[at] = 0xff;
    return bytes;
  });
const encoded = fc.tuple(content, fc.boolean()).map(([bytes, zip]) => (zip ? gzipSync(bytes) : bytes));
const RUNS = process.env['WAYBILL_TEST_DEEP'] === '1' ? 1_000 : 10;

describe('a layer of which the store may hold the bytes already', () => {
  it('comes out as it went in, whatever lies there in files of its size, and is there once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(encoded, { maxLength: 7 }),
        fc.array(encoded, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4000 }),
        async (present, coming, size) => {
          const place = await mkdtemp(join(root, 'store-'));
          const store = await openContentStore(place);
          const first = await store.stage('first');
          for (const bytes of present) await first.putLayer(stream(bytes, size));
          await first.commit();
          const second = await store.stage('second');
          const put = [];
          for (const bytes of coming) put.push(await second.putLayer(stream(bytes, size), { size: bytes.length }));
          expect(put.map(({ digest }) => digest)).toEqual(coming.map((bytes) => sha256(bytes)));
          await second.commit();
          for (const { diffId } of put) {
            expect(sha256(await buffer(await store.readLayer(diffId)))).toBe(diffId);
            expect(await store.verify('layer', diffId)).toBe('sound');
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('is written whole when what lies there is not what its name says', async () => {
    const store = await openContentStore(root);
    const [sound, rotten] = [Buffer.alloc(9000, 'sound'), Buffer.alloc(9000, 'sound').fill('x', 8999)];
    const staging = await store.stage('one');
    const { diffId } = await staging.putLayer(stream(sound, 1000));
    await staging.commit();
    await writeFile(join(root, 'layers', 'sha256', diffId.slice(7), '9000.tar'), rotten);
    const put = await staging.putLayer(stream(rotten, 1000), { size: 9000 });
    expect(put.diffId).toBe(sha256(rotten));
    await staging.commit();
    expect(await buffer(await store.readLayer(put.diffId))).toEqual(rotten);
  });
});

describe('a sparing writer', () => {
  it('leaves what it took, whatever the other files hold and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { maxLength: 6 }),
        content,
        fc.integer({ min: 1, max: 4000 }),
        async (others, coming, size) => {
          const place = await mkdtemp(join(root, 'files-'));
          const paths = others.map((_, n) => join(place, String(n)));
          for (const [n, path] of paths.entries()) await writeFile(path, others[n] ?? '');
          const file = await open(join(place, 'file'), 'wx');
          const writer = await sparingWriter(file, paths);
          for (const piece of pieces(coming, size)) await writer.take(piece);
          await writer.complete();
          await writer.close();
          await file.close();
          expect(await readFile(join(place, 'file'))).toEqual(coming);
        },
      ),
      { numRuns: 10 * RUNS },
    );
  });

  it('writes nothing while one of the files is equal, and from the first difference on everything', async () => {
    const [path, near, far] = ['file', 'near', 'far'].map((name) => join(root, name)) as [string, string, string];
    await writeFile(near, 'aaaabbbbXXXX');
    await writeFile(far, 'aaXabbbbcccc');
    const file = await open(path, 'wx');
    const writer = await sparingWriter(file, [far, near, join(root, 'gone')]);
    await writer.take(Buffer.from('aaaa'));
    await writer.take(Buffer.from('bbbb'));
    expect(await readFile(path, 'utf8')).toBe('');
    await writer.take(Buffer.from('cccc'));
    expect(await readFile(path, 'utf8')).toBe('aaaabbbbcccc');
    await writer.complete();
    await writer.close();
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('aaaabbbbcccc');
  });
});
