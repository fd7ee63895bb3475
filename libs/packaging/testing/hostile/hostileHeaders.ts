import { gzipSync } from 'node:zlib';
import { tarEntry, type TarFileEntry } from '../index.js';
import {
  before,
  blocks,
  change,
  entry,
  inPackage,
  levels,
  overwritten,
  sized,
  type HostileCase,
} from './soundPackage.js';

const SIZE_FIELD = 124;

/** Blocks that no writer makes, as the package or as its images. */
const both = (title: string, outcome: string, make: () => Uint8Array): readonly HostileCase[] => [
  [`${title}, beside the images`, outcome, () => gzipSync(make())],
  [
    `${title}, among the images`,
    outcome,
    () => inPackage(change(/images\.tar$/, (each) => ({ ...each, content: make() }))),
  ],
];

const header = (title: string, at: number, bytes: string | Uint8Array, outcome = 'package-entry-refused') =>
  both(title, outcome, () => blocks(overwritten({ name: 'p/a' }, at, bytes)));

const TAKEN = ['0', '1', '2', '5', '7', 'x', 'g', 'L', 'K'];
const typeLetters = Array.from({ length: 0x5f }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (letter) => !TAKEN.includes(letter),
);

/** Records of an extended header that readers take differently. */
const records: readonly (readonly [why: string, content: string])[] = [
  ['a length beyond its end', '99 path=x\n'],
  ['a length that is too short', '5 path=x\n'],
  ['a length of zero', '0 path=x\n'],
  ['a length with a zero before it', '011 path=xx\n'],
  ['a length with a sign', '+9 path=x\n'],
  ['a length with a blank before it', ' 10 path=x\n'],
  ['no length', 'path=x\n'],
  ['no line end', '11 path=xxx'],
  ['no equals sign', '7 path\n'],
  ['no key', '5 =x\n'],
  ['a path twice', '9 path=x\n9 path=y\n'],
  ['a size twice', '9 size=0\n9 size=1\n'],
  ['an unknown key twice', '6 a=b\n6 a=c\n'],
  ['a path that is not UTF-8', '9 path=\xff\n'],
  ['a negative size', '10 size=-1\n'],
  ['a size with an exponent', '11 size=1e3\n'],
  ['a hexadecimal size', '12 size=0x10\n'],
  ['an octal size that differs', '11 size=010\n'],
  ['no size', '8 size=\n'],
  ['a size of thirty digits', `38 size=${'9'.repeat(30)}\n`],
  ['a larger size than the header', '10 size=99\n'],
  ['a sparse map', '22 GNU.sparse.major=1\n'],
  ['a target of a file', '13 linkpath=x\n'],
  ['garbage', '\0\0\0\0'],
];

/** The record's bytes, not its characters, are its length. */
const extended = (type: string, content: string): TarFileEntry => ({
  name: 'pax',
  type,
  content: Buffer.from(content, 'latin1'),
});

export const hostileHeaders: readonly HostileCase[] = [
  ...typeLetters.map((type, i): HostileCase => {
    const { put, folder, where } = levels[i % 2]!;
    return [
      `an entry of the kind ${JSON.stringify(type)}, ${where}`,
      'package-entry-refused',
      () => put(entry({ name: `${folder}a`, type })),
    ];
  }),
  ...levels.flatMap(({ where, put }) =>
    records.flatMap(([why, content]): readonly HostileCase[] => [
      [
        `an extended header with ${why}, ${where}`,
        'package-entry-refused',
        () => put((entries) => [...entries, extended('x', content), { name: 'package-1.0-ram/a', content: 'c' }]),
      ],
    ]),
  ),
  ...levels.flatMap(({ where, put }): readonly HostileCase[] =>
    [
      ['path', '9 path=x\n'] as const,
      ['size', '9 size=5\n'] as const,
      ['target', '13 linkpath=x\n'] as const,
      ['sparse map', '22 GNU.sparse.major=1\n'] as const,
    ].map(([what, content]): HostileCase => [
      `a global header with a ${what}, ${where}`,
      'package-entry-refused',
      () => put(before(extended('g', content))),
    ]),
  ),
  ...both('two extended headers with a path', 'package-entry-refused', () =>
    blocks(tarEntry(extended('x', '9 path=x\n')), tarEntry(extended('x', '9 path=y\n')), tarEntry({ name: 'p/a' })),
  ),
  ...both('a long name beside an extended path', 'package-entry-refused', () =>
    blocks(
      tarEntry({ name: 'L', type: 'L', content: 'p/x\0' }),
      tarEntry(extended('x', '9 path=y\n')),
      tarEntry({ name: 'p/a' }),
    ),
  ),
  ...both('two long names', 'package-entry-refused', () =>
    blocks(
      tarEntry({ name: 'L', type: 'L', content: 'p/x\0' }),
      tarEntry({ name: 'L', type: 'L', content: 'p/y\0' }),
      tarEntry({ name: 'p/a' }),
    ),
  ),
  ...both('a long name that holds NUL', 'package-entry-refused', () =>
    blocks(tarEntry({ name: 'L', type: 'L', content: 'p/x\0y\0' }), tarEntry({ name: 'p/a' })),
  ),
  ...both('an extended header before nothing', 'package-damaged', () => blocks(tarEntry(extended('x', '9 path=x\n')))),
  ...both('an extended header of two megabytes', 'package-entry-refused', () =>
    blocks(tarEntry({ name: 'pax', type: 'x', content: sized(2 ** 21) })),
  ),
  ...header('a size that is text', SIZE_FIELD, 'abcdefghijk'),
  ...header('a size with a sign', SIZE_FIELD, '-0000000001'),
  ...header('a decimal size', SIZE_FIELD, '00000000009'),
  ...header('a negative binary size', SIZE_FIELD, Buffer.alloc(12, 0xff)),
  ...header('a binary size beyond all numbers', SIZE_FIELD, Buffer.from([0x80, ...Buffer.alloc(11, 0xff)])),
  ...header('a size beyond the end', SIZE_FIELD, '77777777777', 'package-truncated'),
  ...both('a directory with content', 'package-entry-refused', () =>
    blocks(tarEntry({ name: 'p/d/', type: '5', content: 'x' })),
  ),
  ...both('a header with a wrong checksum', 'package-damaged', () => {
    const made = Buffer.from(blocks(tarEntry({ name: 'p/a' }), tarEntry({ name: 'p/b' })));
    made[512] = 0x71;
    return made;
  }),
  ...both('a header without a format', 'package-damaged', () =>
    blocks(tarEntry({ name: 'p/a' }), overwritten({ name: 'p/b' }, 257, Buffer.alloc(8))),
  ),
  ...both('an entry after the end', 'package-damaged', () =>
    blocks(tarEntry({ name: 'p/a' }), Buffer.alloc(512), tarEntry({ name: 'p/b' })),
  ),
  ...both('a byte after the end', 'package-damaged', () =>
    Buffer.concat([blocks(tarEntry({ name: 'p/a' })), Buffer.from([1])]),
  ),
];
