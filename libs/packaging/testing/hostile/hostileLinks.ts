import { entry, levels, type HostileCase } from './soundPackage.js';

const kinds = [
  { called: 'a symbolic link', type: '2' },
  { called: 'a hard link', type: '1' },
] as const;

const escaping: readonly (readonly [where: string, target: string])[] = [
  ['upwards', '../../../../etc/passwd'],
  ['upwards after going down', 'a/b/../../../../../etc/passwd'],
  ['to an absolute path', '/etc/shadow'],
  ['to the root', '/'],
  ['to a network path', '//host/share'],
  ['nowhere', ''],
  ['to a name with NUL', 'a\0b'],
  ['to a name with a line break', 'a\nb'],
];

/** Links of every kind at every place; what links that stay inside may do is in `hostileEntries`. */
export const hostileLinks: readonly HostileCase[] = levels.flatMap(({ where, put, folder }) =>
  kinds.flatMap(({ called, type }): readonly HostileCase[] => [
    ...escaping.map(([to, link]): HostileCase => [
      `${called} that leads ${to}, ${where}`,
      'package-link-escapes',
      () => put(entry({ name: `${folder}link`, type, pax: { linkpath: link } })),
    ]),
    [
      `${called} that is written through, ${where}`,
      'package-entry-refused',
      () =>
        put((entries) => [
          ...entries,
          { name: `${folder}out`, type, link: 'metadata.json' },
          { name: `${folder}out/x` },
        ]),
    ],
    [
      `${called} that a file replaces, ${where}`,
      where === 'beside the images' ? 'package-entry-refused' : 'package-duplicate-entry',
      () =>
        put((entries) => [...entries, { name: `${folder}out`, type, link: 'manifest.json' }, { name: `${folder}out` }]),
    ],
    [
      `${called} to itself that nothing uses, ${where}`,
      where === 'beside the images' ? 'package-entry-refused' : 'kept',
      () => put(entry({ name: `${folder}self`, type, link: 'self' })),
    ],
    [
      `${called} with content, ${where}`,
      'package-entry-refused',
      () => put(entry({ name: `${folder}link`, type, link: 'x', content: 'y' })),
    ],
  ]),
);
