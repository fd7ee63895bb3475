import { buildRamPackage, ramMetadata } from '../index.js';
import { claimed, claiming, db, images, metadata, saying, web, type HostileCase } from './soundPackage.js';

const sound = JSON.stringify(metadata);
/** The sound metadata with raw text put into its top object. */
const withText = (text: string) => saying(`{${text},${sound.slice(1)}`);
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

/** What is no JSON, or JSON that two readers see differently. */
const texts: readonly (readonly [why: string, text: string | Uint8Array])[] = [
  ['nothing', ''],
  ['blanks only', '   \n'],
  ['a list', '[]'],
  ['a text', '"metadata"'],
  ['null', 'null'],
  ['its first half', sound.slice(0, sound.length / 2)],
  ['all but its last byte', sound.slice(0, -1)],
  ['something after its end', `${sound}{}`],
  ['a NUL after its end', `${sound}\0`],
  ['a comma too many', `${sound.slice(0, -1)},}`],
  ['a comment', `/* hello */${sound}`],
  ['single quotes', sound.replaceAll('"', "'")],
  ['UTF-16', Buffer.from(sound, 'utf16le')],
  ['two byte order marks', `\ufeff\ufeff${sound}`],
  ['a byte that is not UTF-8', bytes('{"a":"', [0xff], '"}')],
  ['an overlong form', bytes('{"a":"', [0xc0, 0xaf], '"}')],
  ['a surrogate in UTF-8', bytes('{"a":"', [0xed, 0xa0, 0x80], '"}')],
  ['a code point beyond Unicode', bytes('{"a":"', [0xf4, 0x90, 0x80, 0x80], '"}')],
  ['half a character at its end', bytes('{"a":"', [0xe2, 0x82])],
];

/** Members put into metadata that is sound otherwise. */
const members: readonly (readonly [why: string, outcome: string, text: string])[] = [
  ['a member twice', 'package-metadata-invalid', '"group_key":"other"'],
  ['a member twice, once escaped', 'package-metadata-invalid', '"group\\u005fkey":"other"'],
  ['a member twice below', 'package-metadata-invalid', '"x":{"a":{"b":1,"b":1}}'],
  ['__proto__ twice', 'package-metadata-invalid', '"__proto__":{},"__proto__":{"polluted":true}'],
  ['half a surrogate pair', 'package-metadata-invalid', '"x":"\\ud800"'],
  ['half a surrogate pair in a name', 'package-metadata-invalid', '"\\udc00":1'],
  ['halves of a pair in the wrong order', 'package-metadata-invalid', '"x":"\\udc00\\ud800"'],
  ['an unknown escape', 'package-metadata-invalid', '"x":"\\x41"'],
  ['a control character', 'package-metadata-invalid', '"x":"a\nb"'],
  ['NaN', 'package-metadata-invalid', '"x":NaN'],
  ['Infinity', 'package-metadata-invalid', '"x":-Infinity'],
  ['a number with a zero before it', 'package-metadata-invalid', '"x":012'],
  ['a hexadecimal number', 'package-metadata-invalid', '"x":0x10'],
  ['a number that ends in a dot', 'package-metadata-invalid', '"x":1.'],
  ['a member called __proto__', 'kept: unknown-field', '"__proto__":{"polluted":true}'],
  ['a member called constructor', 'kept: unknown-field', '"constructor":{"prototype":{"polluted":true}}'],
  ['members called as those of every object', 'kept: unknown-field', '"toString":1,"hasOwnProperty":2,"valueOf":3'],
  ['members called by numbers', 'kept: unknown-field', '"0":1,"4294967294":2,"-1":3,"1e3":4'],
  ['an empty name', 'kept: unknown-field', '"":{"":1}'],
  ['a number beyond the safe range', 'kept: unknown-field', '"x":9007199254740993'],
  ['a number beyond all doubles', 'kept: unknown-field', '"x":1e999'],
  ['a number of a hundred thousand digits', 'kept: unknown-field', `"x":${'9'.repeat(100_000)}`],
  ['a name of control characters', 'kept: unknown-field', '"a\\u001b[31m\\n\\u202e":1'],
  ['a name of a megabyte', 'kept: unknown-field', `"${'n'.repeat(2 ** 20)}":1`],
  ['as much depth as is allowed', 'kept: unknown-field', `"x":${'['.repeat(61)}1${']'.repeat(61)}`],
  ['more depth than is allowed', 'package-limit-exceeded', `"x":${'['.repeat(64)}${']'.repeat(64)}`],
  ['a hundred thousand levels of lists', 'package-limit-exceeded', `"x":${'['.repeat(1e5)}`],
  ['a hundred thousand levels of objects', 'package-limit-exceeded', `"x":${'{"a":'.repeat(1e5)}`],
  ['a million empty lists', 'package-limit-exceeded', `"x":[${'[],'.repeat(1e6)}1]`],
  ['a million empty objects', 'package-limit-exceeded', `"x":[${'{},'.repeat(1e6)}1]`],
  ['a million objects with holes', 'package-limit-exceeded', `"x":[${'{"1000":0},'.repeat(1e6)}1]`],
  [
    'six thousand parts',
    'package-limit-exceeded',
    Array.from({ length: 6000 }, (_, i) => `"unknown${i}":${i + 1}`).join(','),
  ],
];

const names: readonly (readonly [why: string, name: unknown])[] = [
  ['leads upwards', '../../etc'],
  ['holds a slash', 'a/b'],
  ['holds a blank', 'a b'],
  ['holds a line break', 'a\nb'],
  ['begins with a dash', '-rf'],
  ['is too long', 'k'.repeat(128)],
  ['is a dot', '.'],
  ['holds full-width letters', '\uff4b'],
  ['holds an escape sequence', '\u001b]0;title\u0007'],
];

export const hostileJson: readonly HostileCase[] = [
  ...texts.map(([why, text]): HostileCase => [
    `metadata that is ${why}`,
    'package-metadata-invalid',
    () => saying(text),
  ]),
  ['metadata with a byte order mark', 'kept', () => saying(`\ufeff${sound}`)],
  ...members.map(([why, outcome, text]): HostileCase => [`metadata with ${why}`, outcome, () => withText(text)]),
  ['metadata of 17 MiB', 'package-limit-exceeded', () => withText(`"x":${JSON.stringify(noise(17 * 2 ** 20))}`)],
  ...names.flatMap(([why, name]): readonly HostileCase[] => [
    [`a template key that ${why}`, 'package-metadata-invalid', () => claiming({ group_key: name })],
    [`a component key that ${why}`, 'package-metadata-invalid', () => claiming({}, { service_key: name })],
  ]),
  ...['group_key', 'group_name', 'group_version'].flatMap((field): readonly HostileCase[] => [
    [`no ${field}`, 'package-metadata-invalid', () => claiming({ [field]: undefined })],
    [`a blank ${field}`, 'package-metadata-invalid', () => claiming({ [field]: ' \t\n' })],
    [`a ${field} of a megabyte`, 'package-metadata-invalid', () => claiming({ [field]: 'n'.repeat(2 ** 20) })],
  ]),
  ['a version that is none', 'kept: version-not-ordered', () => claiming({ group_version: '../\u001b[31m1.0' })],
  ['neither components nor cluster resources', 'package-metadata-invalid', () => claiming({ apps: [] })],
  ['two components with one key', 'template-invalid', () => claiming({}, { service_key: 'web' })],
  [
    'a component without a key',
    'package-metadata-invalid',
    () => claiming({}, { service_key: '', service_id: '', service_share_uuid: '' }),
  ],
  [
    'a component that depends on itself',
    'kept: dependency-cycle',
    () => claiming({}, { dep_service_map_list: [{ dep_service_key: 'db' }] }),
  ],
  [
    'a dependency on nothing',
    'kept: dependency-dangling',
    () => claiming({}, { dep_service_map_list: [{ dep_service_key: '../x' }] }),
  ],
  [
    'a ring of dependencies',
    'kept: dependency-cycle',
    () => claiming({}, { dep_service_map_list: [{ dep_service_key: 'web' }] }),
  ],
  [
    'a mount that leads upwards',
    'kept: mount-dangling',
    () => claiming({}, { mnt_relation_list: [{ service_share_uuid: 'web', mnt_name: 'x', mnt_dir: '/../../etc' }] }),
  ],
  [
    'a volume that leads upwards',
    'kept: part-carried',
    () =>
      claiming(
        {},
        { service_volume_map_list: [{ volume_name: 'x', volume_path: '/data/../../etc', volume_type: 'share-file' }] },
      ),
  ],
  [
    'a volume at the root',
    'kept: part-carried',
    () =>
      claiming({}, { service_volume_map_list: [{ volume_name: 'x', volume_path: '/', volume_type: 'share-file' }] }),
  ],
  [
    'a volume with NUL in its path',
    'kept: part-carried',
    () =>
      claiming(
        {},
        { service_volume_map_list: [{ volume_name: 'x', volume_path: '/a\0b', volume_type: 'share-file' }] },
      ),
  ],
  [
    'a config file with a mode beyond all modes',
    'package-metadata-invalid',
    () => claiming({}, { service_volume_map_list: [{ volume_path: '/a', volume_type: 'config-file', mode: 0o10000 }] }),
  ],
  [
    'a variable with an equals sign in its name',
    'kept: part-carried',
    () => claiming({}, { service_env_map_list: [{ attr_name: 'A=B', attr_value: 'c' }] }),
  ],
  [
    'a variable with NUL in its value',
    'kept: part-carried',
    () => claiming({}, { service_env_map_list: [{ attr_name: 'A', attr_value: 'b\0LD_PRELOAD=/x' }] }),
  ],
  ['a port of zero', 'package-metadata-invalid', () => claiming({}, { port_map_list: [{ container_port: 0 }] })],
  [
    'a port beyond all ports',
    'package-metadata-invalid',
    () => claiming({}, { port_map_list: [{ container_port: 65536 }] }),
  ],
  [
    'a port that is half one',
    'package-metadata-invalid',
    () => claiming({}, { port_map_list: [{ container_port: 80.5 }] }),
  ],
  [
    'memory beyond all numbers',
    'package-metadata-invalid',
    () => saying(JSON.stringify(claimed({}, { memory: 77 })).replace(':77', ':1e999')),
  ],
  ['negative memory', 'package-metadata-invalid', () => claiming({}, { memory: -1 })],
  ['a workload that cannot run here', 'kept: workload-unsupported', () => claiming({}, { extend_method: 'daemonset' })],
  [
    'a config group called __proto__ with such items',
    'kept',
    () =>
      saying(
        sound.replace(
          /}$/,
          ',"app_config_groups":[{"name":"__proto__","injection_type":"env","config_items":{"__proto__":"x","constructor":"y"},"component_keys":["db"]}]}',
        ),
      ),
  ],
  [
    'components called __proto__ and constructor',
    'package-metadata-invalid',
    () =>
      buildRamPackage({
        images: [db, web],
        metadata: ramMetadata({
          components: [
            { key: 'constructor', image: 'demo/db:1' },
            { key: '__proto__', image: 'demo/web:1' },
          ],
        }),
      }),
  ],
  [
    'a component called constructor',
    'kept',
    () =>
      buildRamPackage({
        images,
        metadata: ramMetadata({
          components: [
            { key: 'constructor', image: 'demo/db:1' },
            { key: 'toString', image: 'demo/web:1', dependsOn: ['constructor'] },
          ],
        }),
      }),
  ],
];

/** Text that no compression makes small, the same each time. */
export function noise(length: number): string {
  const text = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text[at] = 0x30 + ((state >>> 24) & 0x3f);
  }
  return text.toString('latin1').replaceAll('\\', 'x');
}
