import { buildRamZip, type ZipFileEntry } from '../index.js';
import { db, metadata, sized, web, type HostileCase } from './soundPackage.js';

type Entries = readonly ZipFileEntry[];
const images = { db, web };
const zip = (mutate: (entries: Entries) => Entries = (entries) => entries) => buildRamZip({ metadata, images, mutate });
const ending = (end: Parameters<typeof buildRamZip>[0]['end'] & object) => buildRamZip({ metadata, images, end });
/** The last entry, `metadata.json`, with a lie. */
const last = (lie: Partial<ZipFileEntry>) =>
  zip((entries) => entries.map((entry, index) => (index === entries.length - 1 ? { ...entry, ...lie } : entry)));
/** One entry more, at the end. */
const more = (entry: ZipFileEntry) => zip((entries) => [...entries, entry]);
const name = 'package-1.0/x';
const field = (id: number, bytes: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id);
  head.writeUInt16LE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
};

export const hostileZips: readonly HostileCase[] = [
  ['a zip that is sound', 'kept', () => zip()],
  ['a zip with nothing in it', 'package-empty', () => buildRamZip({ metadata, images, mutate: () => [] })],
  ['a zip cut in an entry', 'package-truncated', () => zip().subarray(0, 900)],
  ['a zip without its end', 'package-truncated', () => zip().subarray(0, -22)],
  ['a zip with a comment', 'package-damaged', () => ending({ comment: 'PK\x05\x06 or so' })],
  ['a zip with data behind its end', 'package-damaged', () => ending({ behind: Buffer.from('more') })],
  ['a zip behind other data', 'package-damaged', () => ending({ before: Buffer.from('PK\x03\x04 a program') })],
  ['a zip with data between entries and directory', 'package-damaged', () => ending({ gap: sized(5) })],
  ['a zip with data between entries', 'package-damaged', () => more({ name, content: 'x', gap: sized(7) })],
  ['a zip with a hidden entry', 'package-damaged', () => ending({ end: { at: 10 } })],
  ['a zip whose directory is longer than it says', 'package-damaged', () => ending({ end: { size: 40 } })],
  ['a zip whose directory has less than it says', 'package-damaged', () => ending({ end: { count: 60 } })],
  ['a zip of several parts', 'package-damaged', () => ending({ end: { disk: 1 } })],
  ['a zip with more entries than are allowed', 'package-limit-exceeded', () => zip(), { entries: 3 }],
  ['a large zip with a hidden entry', 'package-damaged', () => ending({ zip64: true, end: { at: 7 } })],
  ['a zip written as a large one', 'kept', () => ending({ zip64: true })],
  ['a zip entry that is encrypted', 'package-entry-refused', () => last({ flags: 1 })],
  ['a zip entry with strong encryption', 'package-entry-refused', () => last({ flags: 0x40 })],
  ['a zip entry with a patch in it', 'package-entry-refused', () => last({ flags: 0x20 })],
  ['a zip entry packed by another method', 'package-entry-refused', () => last({ method: 12 })],
  [
    'a zip with an entry twice',
    'package-duplicate-entry',
    () => more({ name: 'package-1.0/metadata.json', content: '{}' }),
  ],
  [
    'a zip with an entry in another case',
    'package-entry-refused',
    () => more({ name: 'package-1.0/METADATA.json', content: '{}' }),
  ],
  ['zip entries that overlap', 'package-entry-refused', () => last({ directory: { at: 0 } })],
  [
    'a zip entry that reaches into what follows',
    'package-entry-refused',
    () =>
      more({
        name,
        content: 'abc',
        method: 0,
        header: { packed: 9000, size: 9000 },
        directory: { packed: 9000, size: 9000 },
      }),
  ],
  [
    'a zip entry that is called otherwise in its header',
    'package-entry-refused',
    () => last({ header: { name: 'package-1.0/metadata.jsom' } }),
  ],
  ['a zip entry with another method in its header', 'package-entry-refused', () => last({ header: { method: 0 } })],
  [
    'a zip entry with other sizes in its header',
    'package-entry-refused',
    () => more({ name, content: 'abc', header: { size: 2 } }),
  ],
  ['a zip entry with other sizes after it', 'package-entry-refused', () => last({ after: { size: 2 } })],
  [
    'a zip entry larger than it says',
    'package-entry-refused',
    () => more({ name, content: sized(5000), directory: { size: 100 }, header: { size: 100 } }),
  ],
  [
    'a zip entry smaller than it says',
    'package-entry-refused',
    () => more({ name, content: 'abc', directory: { size: 4 }, header: { size: 4 } }),
  ],
  [
    'a stored zip entry of two sizes',
    'package-entry-refused',
    () => more({ name, content: 'abc', method: 0, directory: { size: 2 } }),
  ],
  [
    'a zip entry with the wrong checksum',
    'package-damaged',
    () => more({ name, content: 'abc', directory: { crc: 7 }, header: { crc: 7 } }),
  ],
  [
    'a zip entry with data after its packed end',
    'package-damaged',
    () =>
      more({
        name,
        content: Buffer.from([0x03, 0x00, 0x41]),
        method: 0,
        header: { method: 8 },
        directory: { method: 8 },
      }),
  ],
  [
    'a zip entry whose packed data is nonsense',
    'package-damaged',
    () =>
      more({
        name,
        content: Buffer.from([0xff, 0xff, 0xff]),
        method: 0,
        header: { method: 8 },
        directory: { method: 8 },
      }),
  ],
  [
    'a zip entry that leads upwards',
    'package-entry-refused',
    () => more({ name: 'package-1.0/../../etc/passwd', content: 'x' }),
  ],
  ['a zip entry with an absolute path', 'package-entry-refused', () => more({ name: '/etc/passwd', content: 'x' })],
  [
    'a zip entry with backslashes',
    'package-entry-refused',
    () => more({ name: 'package-1.0\\metadata.json', content: '{}' }),
  ],
  ['a zip entry that is a link', 'package-entry-refused', () => more({ name, content: '/etc/passwd', mode: 0o120777 })],
  ['a zip entry that is a device', 'package-entry-refused', () => more({ name, mode: 0o020644 })],
  ['a zip folder with content', 'package-entry-refused', () => more({ name: 'package-1.0/d/', content: 'x' })],
  [
    'a zip entry whose name is of no stated encoding',
    'package-entry-refused',
    () => more({ name: Buffer.from([0xcc, 0xf0]), content: 'x' }),
  ],
  [
    'a zip entry whose name is not UTF-8',
    'package-entry-refused',
    () => more({ name: Buffer.from([0xff, 0x41]), flags: 0x800, content: 'x' }),
  ],
  [
    'a zip entry with another name in its extra field',
    'package-entry-refused',
    () => last({ extra: field(0x7075, Buffer.from('\x01\0\0\0\0package-1.0/other', 'latin1')) }),
  ],
  [
    'a zip entry with a broken extra field',
    'package-entry-refused',
    () => last({ extra: Buffer.from([1, 0, 200, 0]) }),
  ],
  [
    'a zip entry with its size twice',
    'package-entry-refused',
    () => last({ zip64: true, extra: field(1, Buffer.alloc(16)) }),
  ],
  ['a zip entry whose size is nowhere', 'package-entry-refused', () => last({ directory: { size: 0xffffffff } })],
  ['a zip entry in another part', 'package-entry-refused', () => last({ directory: { disk: 2 } })],
  ['a zip entry written as a large one', 'kept', () => last({ zip64: true })],
  ['a zip bomb', 'package-limit-exceeded', () => more({ name, content: Buffer.alloc(32 * 1024 ** 2) })],
  [
    'a zip with a bomb that says it is small',
    'package-entry-refused',
    () => more({ name, content: Buffer.alloc(32 * 1024 ** 2), directory: { size: 10 }, header: { size: 10 } }),
  ],
  ['a zip without metadata', 'package-no-metadata', () => zip((entries) => entries.slice(0, -1))],
  [
    'a zip with two root folders',
    'package-entry-refused',
    () => more({ name: 'other/web/web.image.tar', content: 'x' }),
  ],
  [
    'a zip with an image archive that is none',
    'package-damaged',
    () => more({ name: 'package-1.0/web/x.tar', content: sized(2000) }),
  ],
];
