import { gzipSync } from 'node:zlib';
import { buildRamPackage, tarEntry, tarFile } from '../index.js';
import { sound, change, inPackage, sized, type HostileCase } from './soundPackage.js';

export const hostileFiles: readonly HostileCase[] = [
  ['an empty file', 'package-empty', () => Buffer.alloc(0)],
  ['the beginning of a zip', 'package-truncated', () => Buffer.from('PK\x03\x04rest')],
  ['a plain tar', 'package-not-gzip', () => tarFile([{ name: 'a' }])],
  ['zstd', 'package-not-gzip', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0])],
  ['xz', 'package-not-gzip', () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1])],
  ['text', 'package-not-gzip', () => Buffer.from('<html>404</html>')],
  ['an empty gzip file', 'package-empty', () => gzipSync('')],
  ['an archive of nothing', 'package-empty', () => gzipSync(tarFile([]))],
  ['gzip of text', 'package-not-a-template', () => gzipSync('hello')],
  ['data after the gzip end', 'package-damaged', async () => Buffer.concat([await buildRamPackage(sound), sized(9)])],
  [
    'zeros after the gzip end',
    'package-damaged',
    async () => Buffer.concat([await buildRamPackage(sound), Buffer.alloc(9)]),
  ],
  ['a second gzip member', 'package-damaged', async () => Buffer.concat([await buildRamPackage(sound), gzipSync('x')])],
  [
    'data after the end of the tar',
    'package-damaged',
    () => gzipSync(Buffer.concat([tarFile([{ name: 'a/b' }]), tarEntry({ name: 'c' })])),
  ],
  ['a tar without its end', 'package-truncated', () => gzipSync(tarEntry({ name: 'p/metadata.json', content: '{}' }))],
  [
    'an image archive without its end',
    'package-truncated',
    () => inPackage(change(/images\.tar$/, (e) => ({ ...e, content: (e.content as Buffer).subarray(0, -1024) }))),
  ],
  [
    'an image archive cut in a layer',
    'package-truncated',
    () => inPackage(change(/images\.tar$/, (e) => ({ ...e, content: (e.content as Buffer).subarray(0, 2600) }))),
  ],
  [
    'a broken tar header',
    'package-damaged',
    () => gzipSync(Buffer.concat([tarEntry({ name: 'p/a' }), sized(512), Buffer.alloc(1024)])),
  ],
];
