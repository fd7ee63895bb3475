import { gzipSync } from 'node:zlib';
import {
  entry,
  before,
  blocks,
  overwritten,
  change,
  inPackage,
  inImages,
  sized,
  type HostileCase,
} from './soundPackage.js';

export const hostileEntries: readonly HostileCase[] = [
  ['a path that leads upwards', 'package-entry-refused', () => inPackage(entry({ name: 'a/../../etc/passwd' }))],
  ['an absolute path', 'package-entry-refused', () => inPackage(entry({ name: '/etc/passwd' }))],
  ['a path that leads upwards, in the images', 'package-entry-refused', () => inImages(entry({ name: '../x' }))],
  [
    'an upward path in an extended header',
    'package-entry-refused',
    () => inImages(entry({ name: 'x', pax: { path: '../x' } })),
  ],
  ['a control character', 'package-entry-refused', () => inPackage(entry({ name: 'p/a\u001b[2Jb' }))],
  [
    'NUL in an extended header',
    'package-entry-refused',
    () => inPackage(entry({ name: 'x', pax: { path: 'p/a\0b' } })),
  ],
  [
    'a name that is not UTF-8',
    'package-entry-refused',
    () => gzipSync(blocks(overwritten({ name: 'p/xx' }, 2, '\xe9\xe9'))),
  ],
  ['a character device', 'package-entry-refused', () => inImages(entry({ name: 'dev', type: '3' }))],
  ['a block device', 'package-entry-refused', () => inImages(entry({ name: 'dev', type: '4' }))],
  ['a named pipe', 'package-entry-refused', () => inPackage(entry({ name: 'p/fifo', type: '6' }))],
  ['a sparse file', 'package-entry-refused', () => inImages(entry({ name: 's', type: 'S' }))],
  [
    'a sparse file by extended header',
    'package-entry-refused',
    () => inImages(entry({ name: 's', pax: { 'GNU.sparse.major': '1' } })),
  ],
  ['an unknown kind of entry', 'package-entry-refused', () => inPackage(entry({ name: 'p/v', type: 'V' }))],
  [
    'a link beside the images',
    'package-entry-refused',
    () => inPackage(entry({ name: 'package-1.0-ram/l', type: '2', link: 'metadata.json' })),
  ],
  [
    'an escaping link beside the images',
    'package-link-escapes',
    () => inPackage(entry({ name: 'p/l', type: '2', link: '../../etc/passwd' })),
  ],
  [
    'a layer linked from outside',
    'package-link-escapes',
    () => inImages(change(/layer\.tar$/, (e) => ({ name: e.name, type: '2', link: '../../../var/lib/x' }))),
  ],
  [
    'a layer linked by an absolute path',
    'package-link-escapes',
    () => inImages(change(/layer\.tar$/, (e) => ({ name: e.name, type: '2', link: '/etc/shadow' }))),
  ],
  [
    'a hard link that leads out',
    'package-link-escapes',
    () => inImages(entry({ name: 'a/b/h', type: '1', link: '../x' })),
  ],
  [
    'links in a circle',
    'package-entry-refused',
    () => inImages(change(/layer\.tar$/, (e) => ({ name: e.name, type: '2', link: 'layer.tar' }))),
  ],
  [
    'a link with content',
    'package-entry-refused',
    () => inImages(entry({ name: 'l', type: '2', link: 'x', content: 'y' })),
  ],
  [
    'a file below a link',
    'package-entry-refused',
    () => inImages((e) => [{ name: 'd', type: '2', link: 'e' }, { name: 'd/f' }, ...e]),
  ],
  [
    'a link above a file',
    'package-entry-refused',
    () => inImages((e) => [{ name: 'd/f' }, { name: 'd', type: '2', link: 'e' }, ...e]),
  ],
  [
    'an entry twice',
    'package-duplicate-entry',
    () => inImages((e) => [...e, { name: 'manifest.json', content: '[]' }]),
  ],
  [
    'an entry twice, spelled differently',
    'package-duplicate-entry',
    () => inImages(entry({ name: './manifest.json', content: '[]' })),
  ],
  [
    'names that differ in case',
    'package-entry-refused',
    () => inImages(entry({ name: 'MANIFEST.json', content: '[]' })),
  ],
  [
    'names that differ in Unicode form',
    'package-entry-refused',
    () =>
      inPackage((e) => [
        ...e,
        { name: 'p/\u00e9', pax: { path: 'p/\u00e9' } },
        { name: 'x', pax: { path: 'p/e\u0301' } },
      ]),
  ],
  [
    'two sizes for one entry',
    'package-entry-refused',
    () => inImages(entry({ name: 'a', content: sized(600), pax: { size: '512' } })),
  ],
  [
    'a size that is no number',
    'package-entry-refused',
    () => inImages(entry({ name: 'a', size: 0, pax: { size: '1e3' } })),
  ],
  [
    'a malformed extended header',
    'package-entry-refused',
    () => inImages(before({ name: 'pax', type: 'x', content: '99 path=x\n' })),
  ],
  [
    'a global header that names entries',
    'package-entry-refused',
    () => inImages(before({ name: 'pax', type: 'g', content: '12 path=abc\n' })),
  ],
  ['a size beyond the end', 'package-truncated', () => inImages(entry({ name: 'a', size: 8 * 1024 ** 3 - 1 }))],
  ['a path of a thousand directories', 'package-entry-refused', () => inPackage(entry({ name: 'a/'.repeat(1000) }))],
  ['a name of 5000 bytes', 'package-entry-refused', () => inPackage(entry({ name: 'p/'.padEnd(5000, 'n') }))],
  [
    'an endless name',
    'package-entry-refused',
    () => inPackage(before({ name: 'L', type: 'L', content: sized(2 ** 21) })),
  ],
];
