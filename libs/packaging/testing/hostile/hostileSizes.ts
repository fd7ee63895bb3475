import { gzipSync } from 'node:zlib';
import { buildRamPackage, tarFile } from '../index.js';
import { images, sound, entry, change, inPackage, inImages, sized, type HostileCase } from './soundPackage.js';

export const hostileSizes: readonly HostileCase[] = [
  [
    'a bomb',
    'package-limit-exceeded',
    () => inPackage(entry({ name: 'p/zeros', content: Buffer.alloc(64 * 1024 ** 2) })),
  ],
  [
    'a bomb in a gzip layer',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'blobs/sha256/bomb', content: gzipSync(Buffer.alloc(64 * 1024 ** 2)) }), 'oci'),
  ],
  [
    'a layer over the limit',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'big/layer.tar', content: tarFile([{ name: 'a', content: sized(20_000) }]) })),
    { layerBytes: 10_000 },
  ],
  [
    'a gzip layer over the limit',
    'package-limit-exceeded',
    () => inImages(entry({ name: 'big', content: gzipSync(sized(20_000)) })),
    { layerBytes: 10_000 },
  ],
  ['more in all than allowed', 'package-limit-exceeded', () => buildRamPackage(sound), { totalBytes: 10_000 }],
  [
    'too many entries',
    'package-limit-exceeded',
    () => inPackage((e) => [...e, ...Array.from({ length: 200 }, (_, i) => ({ name: `p/${i}` }))]),
    { entries: 100 },
  ],
  [
    'too many entries in the images',
    'package-limit-exceeded',
    () => inImages((e) => [...Array.from({ length: 200 }, (_, i) => ({ name: `p/${i}` })), ...e]),
    { entries: 100 },
  ],
  [
    'too many extended headers',
    'package-limit-exceeded',
    () => inPackage((e) => [...Array.from({ length: 200 }, () => ({ name: 'x', type: 'g', content: '' })), ...e]),
    { entries: 100 },
  ],
  ['metadata over the limit', 'package-limit-exceeded', () => buildRamPackage(sound), { metadataBytes: 100 }],
  [
    'metadata that is too deep',
    'package-limit-exceeded',
    () => buildRamPackage({ images, metadata: Buffer.from('['.repeat(5000)) }),
  ],
  ['image JSON over the limit', 'package-limit-exceeded', () => buildRamPackage(sound), { jsonBytes: 100 }],
  [
    'image JSON that is too deep',
    'package-limit-exceeded',
    () => inImages(change(/^manifest/, (e) => ({ ...e, content: '['.repeat(5000) }))),
  ],
  [
    'much image JSON',
    'package-limit-exceeded',
    () =>
      inImages((e) => [
        ...Array.from({ length: 20 }, (_, i) => ({ name: `${i}.json`, content: `[${' '.repeat(900)}]` })),
        ...e,
      ]),
    { jsonBytes: 1000 },
  ],
];
