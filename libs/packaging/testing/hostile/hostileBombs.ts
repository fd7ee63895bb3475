import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { buildRamPackage, tarEntry, tarFile } from '../index.js';
import { noise } from './hostileJson.js';
import { change, claimed, entry, images, inImages, inPackage, sound, type HostileCase } from './soundPackage.js';

const MB = 1024 ** 2;

/** Packages that ask for much, made as streams: they are never held whole. */
export const hostileBombs: readonly HostileCase[] = [
  [
    'a layer of zeros in a hundred kilobytes',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'zeros/layer.tar', content: Buffer.alloc(64 * MB) })),
  ],
  [
    'a bomb in a bomb',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'bomb', content: gzipSync(gzipSync(Buffer.alloc(64 * MB))) }), 'oci'),
    { totalBytes: 10_000 },
  ],
  [
    'a layer packed twice',
    'package-layer-mismatch',
    () =>
      inImages(
        change(/^blobs\/sha256\/./, (e) =>
          (e.content as Buffer)[0] === 0x1f ? { ...e, content: gzipSync(e.content ?? '') } : e,
        ),
        'oci',
      ),
  ],
  ['a million gzip members that hold nothing', 'package-empty', () => members(1_000_000)],
  ['a million gzip members after the package', 'kept', async () => after(await buildRamPackage(sound), 1_000_000)],
  [
    'a million gzip members in a layer',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'members', content: Buffer.alloc(20 * 200_000, gzipSync('')) }), 'oci'),
    { layerBytes: 1 * MB },
  ],
  ['thirty thousand entries', 'package-limit-exceeded', () => gzipped(entries(30_000))],
  [
    'many directories in few names',
    'package-limit-exceeded',
    () =>
      inPackage((all) => [
        ...all,
        ...Array.from({ length: 20_000 }, (_, i) => ({ name: `${i}/`.repeat(2) + 'd/'.repeat(25) })),
      ]),
  ],
  [
    'too many layers',
    'package-limit-exceeded',
    () =>
      inImages((all) => [
        ...Array.from({ length: 60 }, (_, i) => ({ name: `${i}/layer.tar`, content: tarFile([{ name: 'a' }]) })),
        ...all,
      ]),
    { layers: 50 },
  ],
  ['as much metadata as is allowed, and one lie at its end', 'package-metadata-invalid', () => heavy(2.6)],
  ['as many values as are allowed, and one lie at their end', 'package-metadata-invalid', () => manyValues()],
  [
    'forty megabytes of JSON among the images',
    'package-limit-exceeded',
    () =>
      inImages((all) => [
        ...Array.from({ length: 20 }, (_, i) => ({ name: `${i}.json`, content: `["${noise(2 * MB - 100)}"]` })),
        ...all,
      ]),
  ],
  [
    'a file that takes too long',
    'package-limit-exceeded',
    () => buildRamPackage(sound),
    { time: { seconds: 0, bytesPerSecond: Infinity } },
  ],
];

/** What takes minutes to write. */
export const hugeBombs: readonly HostileCase[] = [
  ['a gigabyte of zeros in a megabyte', 'package-limit-exceeded', () => gzipped(zeros(1024))],
  ['ten million entries', 'package-limit-exceeded', () => gzipped(entries(10_000_000))],
  ['seven gigabytes of zeros', 'package-limit-exceeded', () => gzipped(zeros(7 * 1024))],
];

const heavy = (megabytes: number) =>
  buildRamPackage({
    images,
    metadata: claimed({ x: Array.from({ length: 3 }, () => noise(megabytes * MB)), k8s_resources: [7] }),
  });

const manyValues = () =>
  buildRamPackage({
    images,
    metadata: claimed({
      x: Array.from({ length: 32_000 }, (_, i) => ({ [`member${i}`]: [noise(8 + (i % 8))] })),
      k8s_resources: [7],
    }),
  });

function* zeros(megabytes: number) {
  yield tarEntry({ name: 'package-1.0-ram/zeros', size: megabytes * MB });
  const piece = Buffer.alloc(MB);
  for (let i = 0; i < megabytes; i++) yield piece;
  yield Buffer.alloc(1024);
}

function* entries(count: number) {
  const [{ name }, piece] = [{ name: 'package-1.0-ram/' }, 1000];
  for (let done = 0; done < count; done += piece)
    yield Buffer.concat(Array.from({ length: piece }, (_, i) => tarEntry({ name: `${name}${done + i}` })));
  yield Buffer.alloc(1024);
}

const gzipped = (source: Iterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  Readable.from(source).pipe(createGzip({ level: 1 }));

async function* after(first: Uint8Array, count: number) {
  yield first;
  yield* members(count);
}

async function* members(count: number) {
  const piece = 10_000;
  for (let done = 0; done < count; done += piece) yield await Promise.resolve(Buffer.alloc(20 * piece, gzipSync('')));
}
