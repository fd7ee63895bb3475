import { before, entry, levels, type HostileCase } from './soundPackage.js';

const refusedNames: readonly (readonly [why: string, name: string])[] = [
  ['leads upwards', '../x'],
  ['leads upwards in the middle', 'a/b/../../../x'],
  ['leads upwards and stays inside', 'a/../x'],
  ['is ..', '..'],
  ['is absolute', '/x'],
  ['is absolute, with two slashes', '//host/x'],
  ['is absolute on Windows', 'C:\\x'],
  ['leads upwards on Windows', '..\\..\\x'],
  ['holds NUL', 'a\0b'],
  ['ends with NUL', 'a\0'],
  ['holds a line break', 'a\nb'],
  ['holds a carriage return', 'a\rb'],
  ['moves the cursor', 'a\u001b[2Jb'],
  ['holds DEL', 'a\u007fb'],
  ['holds a C1 control character', 'a\u009bb'],
  ['turns its direction', 'a\u202egz.rat'],
  ['isolates its direction', 'a\u2066b'],
  ['holds a mark of direction', 'a\u200fb'],
  ['holds a line separator', 'a\u2028b'],
  ['holds a space without width', 'a\u200bb'],
  ['holds a byte order mark', '\ufeffa'],
  ['holds invisible tags', 'a\u{e0041}b'],
  ['is empty', ''],
];

/** Names that some file system or reader takes for one. */
const sameNames: readonly (readonly [why: string, one: string, other: string])[] = [
  ['case', 'readme.txt', 'README.txt'],
  ['case in a folder', 'docs/a.txt', 'Docs/b.txt'],
  ['case beyond ASCII', 'straße-ä', 'straße-Ä'],
  ['composition', 'caf\u00e9', 'cafe\u0301'],
  ['composition of Hangul', '\ud55c', '\u1112\u1161\u11ab'],
  ['full width', 'metadata', '\uff4d\uff45\uff54\uff41data'],
  ['a full-width dot', 'a.json', 'a\uff0ejson'],
  ['a ligature', 'file', '\ufb01le'],
  ['the sharp s', 'strasse', 'stra\u00dfe'],
  ['the long s', 'set', '\u017fet'],
  ['the Kelvin sign', 'kernel', '\u212aernel'],
  ['the dotless i', 'index', '\u0131ndex'],
  ['a superscript', 'v2', 'v\u00b2'],
];

const pax = (name: string) => ({ name: 'x', pax: { path: name } });

export const hostileNames: readonly HostileCase[] = levels.flatMap(({ where, put, folder }) => [
  ...refusedNames.flatMap(([why, name]): readonly HostileCase[] => [
    [`a name that ${why}, ${where}`, 'package-entry-refused', () => put(entry(pax(name)))],
    [
      `a directory whose name ${why}, ${where}`,
      'package-entry-refused',
      () => put(before({ ...pax(name === '' ? '' : `${name}/`), type: '5' })),
    ],
  ]),
  ...sameNames.map(([why, one, other]): HostileCase => [
    `two names that differ in ${why}, ${where}`,
    'package-entry-refused',
    () => put((entries) => [...entries, pax(`${folder}${one}`), pax(`${folder}${other}`)]),
  ]),
  [
    `a name in two spellings, ${where}`,
    'package-duplicate-entry',
    () => put((entries) => [...entries, pax(`${folder}a/b`), pax(`./${folder}a//./b`)]),
  ],
  [
    `a file where a directory is, ${where}`,
    'package-entry-refused',
    () => put((entries) => [...entries, pax(`${folder}a/b`), pax(`${folder}a`)]),
  ],
]);
