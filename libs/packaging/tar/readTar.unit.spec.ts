import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { tarEntry, tarFile, type TarFileEntry } from '../testing/index.js';
import { readTar } from './readTar.js';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function listed(bytes: Uint8Array, size = 700): Promise<readonly (readonly [string, string, string])[]> {
  const found: [string, string, string][] = [];
  for await (const entry of readTar(pieces(bytes, size), 'x.tar', { entries: 1000 })) {
    const content: Uint8Array[] = [];
    for await (const piece of entry.bytes) content.push(piece);
    found.push([entry.name, entry.kind, entry.target ?? Buffer.concat(content).toString()]);
  }
  return found;
}

/** A header whose size is written as binary, as GNU tar writes those from 8 GiB on. */
function withBinarySize(entry: TarFileEntry, size: number): Uint8Array {
  const bytes = Buffer.from(tarEntry(entry));
  bytes.fill(0, 124, 136);
  bytes[124] = 0x80;
  bytes.writeUIntBE(size, 130, 6);
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

const sample = tarFile([
  { name: './', type: '5' },
  { name: './a/b.txt', content: 'x'.repeat(1000) },
  { name: 'empty' },
  { name: 'long/'.padEnd(180, 'n'), content: 'y' },
  { name: 'a/link', type: '2', link: '../empty' },
  { name: 'hard', type: '1', link: './a/b.txt' },
  { name: 'pax', content: 'z', pax: { path: 'ünï', mtime: '1.5' } },
]);
const sampleEntries = [
  ['.', 'directory', ''],
  ['a/b.txt', 'file', 'x'.repeat(1000)],
  ['empty', 'file', ''],
  ['long/'.padEnd(180, 'n'), 'file', 'y'],
  ['a/link', 'symlink', 'empty'],
  ['hard', 'hardlink', 'a/b.txt'],
  ['ünï', 'file', 'z'],
];

describe('readTar', () => {
  it('reads entries, however the bytes come in', async () => {
    for (const size of [1, 100, 512, 513, 100_000]) expect(await listed(sample, size)).toEqual(sampleEntries);
  });

  it('reads long names and binary sizes as GNU tar writes them', async () => {
    const name = 'deep/'.padEnd(300, 'x');
    const bytes = Buffer.concat([
      tarEntry({ name: '././@LongLink', type: 'L', content: `${name}\0` }),
      withBinarySize({ name: name.slice(0, 100), content: 'content' }, 7),
      Buffer.alloc(1024),
    ]);
    expect(await listed(bytes)).toEqual([[name, 'file', 'content']]);
  });

  it('passes over what the caller does not read', async () => {
    const names: string[] = [];
    for await (const { name } of readTar(pieces(sample, 100), 'x.tar', { entries: 1000 })) names.push(name);
    expect(names).toEqual(sampleEntries.map(([name]) => name));
  });

  it('closes what it reads from, also when the caller stops early', async () => {
    let closed = false;
    async function* watched() {
      try {
        yield* pieces(sample, 512);
      } finally {
        closed = true;
      }
    }
    for await (const { name } of readTar(watched(), 'x.tar', { entries: 1000 })) if (name === 'empty') break;
    expect(closed).toBe(true);
  });

  it('reads any bytes to an end: entries, or a failure of the catalogue', async () => {
    const edits = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(sample.length), async (changes, length) => {
        const bytes = Uint8Array.from(sample.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          for (const [name, , target] of await listed(bytes)) {
            expect(name).not.toMatch(/^\/|(^|\/)\.\.(\/|$)|\p{Cc}/u);
            expect(target).not.toMatch(/^\/|^\.\./);
          }
        } catch (error) {
          if (!isWaybillError(error)) throw error;
          expect(error.code).toMatch(/^package-/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
