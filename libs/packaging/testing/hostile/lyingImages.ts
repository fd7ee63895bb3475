import { hexOf, sha256 } from '@waybill/kernel';
import { buildImage, buildRamPackage, type TarFileEntry } from '../index.js';
import { base, change, claiming, inImages, json, metadata, web, type HostileCase } from './soundPackage.js';

/** `manifest.json`, image configurations and indexes that say something else than they should. */
const listed = (title: string, outcome: string, change_: (item: Item) => unknown): HostileCase => [
  title,
  outcome,
  () => inImages(change(/^manifest/, (e) => ({ ...e, content: JSON.stringify([change_(json(e)[0] as Item)]) }))),
];
type Item = Readonly<Record<string, unknown>> & { readonly Layers: readonly string[] };

const configured = (title: string, outcome: string, config: Readonly<Record<string, unknown>>): HostileCase => [
  `a configuration with ${title}`,
  outcome,
  () => buildRamPackage({ metadata, images: [buildImage({ layers: [base], references: ['demo/db:1'], config }), web] }),
];

const indexed = (title: string, outcome: string, index: unknown): HostileCase => [
  `an index.json with ${title}`,
  outcome,
  () =>
    inImages(
      (entries) => [
        ...entries.filter(({ name }) => name !== 'manifest.json' && name !== 'index.json'),
        { name: 'index.json', content: JSON.stringify(index) },
      ],
      'oci',
    ),
];

/** Indexes that list each other: with `width` names at each of `depth` levels, few bytes are very many images. */
function nested(width: number, depth: number): HostileCase {
  return [
    `indexes nested ${depth} deep, ${width} wide`,
    depth > 4 ? 'package-image-invalid' : 'package-limit-exceeded',
    () =>
      inImages((entries) => {
        const mediaType = 'application/vnd.oci.image.index.v1+json';
        const blobs: TarFileEntry[] = [];
        let manifests: unknown = [];
        for (let level = 0; level < depth; level++) {
          const content = JSON.stringify({ mediaType, level, manifests });
          const digest = sha256(content);
          blobs.push({ name: `blobs/sha256/${hexOf(digest)}`, content });
          manifests = Array.from({ length: width }, () => ({ mediaType, digest }));
        }
        return [
          ...entries.filter(({ name }) => name !== 'manifest.json' && name !== 'index.json'),
          ...blobs,
          { name: 'index.json', content: JSON.stringify({ mediaType, manifests }) },
        ];
      }, 'oci'),
  ];
}

const hex = 'a'.repeat(64);

export const lyingImages: readonly HostileCase[] = [
  listed('a manifest.json without a configuration', 'package-image-invalid', ({ Layers }) => ({ Layers })),
  listed('a manifest.json whose configuration is a number', 'package-image-invalid', (item) => ({
    ...item,
    Config: 7,
  })),
  listed('a manifest.json whose configuration is empty', 'package-image-invalid', (item) => ({ ...item, Config: '' })),
  listed('a manifest.json whose configuration is itself', 'package-image-invalid', (item) => ({
    ...item,
    Config: 'manifest.json',
  })),
  listed('a manifest.json whose configuration is a layer', 'package-image-invalid', (item) => ({
    ...item,
    Config: item.Layers[0],
  })),
  listed('a manifest.json whose configuration leads upwards', 'package-link-escapes', (item) => ({
    ...item,
    Config: 'a/../../x',
  })),
  listed('a manifest.json whose configuration is an absolute path', 'package-link-escapes', (item) => ({
    ...item,
    Config: '/etc/passwd',
  })),
  listed('a manifest.json whose configuration holds NUL', 'package-link-escapes', (item) => ({
    ...item,
    Config: 'a\0b',
  })),
  listed('a manifest.json without layers', 'package-image-invalid', ({ Layers: _, ...item }) => item),
  listed('a manifest.json with a layer twice', 'package-image-invalid', (item) => ({
    ...item,
    Layers: [...item.Layers, ...item.Layers],
  })),
  listed('a manifest.json with one layer for another', 'package-layer-mismatch', (item) => ({
    ...item,
    Layers: item.Layers.map(() => item.Layers[0]),
  })),
  listed('a manifest.json with a layer that leads upwards', 'package-link-escapes', (item) => ({
    ...item,
    Layers: ['../../layer.tar'],
  })),
  listed('a manifest.json with a layer that is the configuration', 'package-image-invalid', (item) => ({
    ...item,
    Layers: item.Layers.map(() => item['Config']),
  })),
  listed('a manifest.json with layers of numbers', 'package-image-invalid', (item) => ({ ...item, Layers: [1, 2] })),
  listed('a manifest.json with tags that are a text', 'package-image-invalid', (item) => ({
    ...item,
    RepoTags: 'demo/db:1',
  })),
  listed('a manifest.json that lists a number', 'package-image-invalid', () => 7),
  listed('a manifest.json that leaves an image out', 'package-image-missing', (item) => item),
  [
    'a manifest.json that lists three thousand images',
    'package-limit-exceeded',
    () =>
      inImages(
        change(/^manifest/, (e) => ({ ...e, content: JSON.stringify(Array.from({ length: 3000 }, () => json(e)[0])) })),
      ),
  ],
  [
    'a manifest.json that lists an image a thousand times',
    'kept',
    () =>
      inImages(
        change(/^manifest/, (e) => ({
          ...e,
          content: JSON.stringify([...json(e), ...Array.from({ length: 1000 }, () => json(e)[0])]),
        })),
      ),
  ],
  [
    'a chain of a thousand links to a layer',
    'package-entry-refused',
    () =>
      inImages((entries) => [
        ...entries.map((e) =>
          e.name === 'manifest.json'
            ? { ...e, content: JSON.stringify(json(e).map((item) => ({ ...item, Config: 'l/0' }))) }
            : e,
        ),
        ...Array.from({ length: 1000 }, (_, i) => ({ name: `l/${i}`, type: '2', link: `${i + 1}` })),
      ]),
  ],
  configured('layers that are null', 'package-image-invalid', { rootfs: null }),
  configured('no list of layers', 'package-image-invalid', { rootfs: { type: 'layers' } }),
  configured('layers that are numbers', 'package-image-invalid', { rootfs: { diff_ids: [1] } }),
  configured('a layer that is no digest', 'package-image-invalid', { rootfs: { diff_ids: ['../../etc/passwd'] } }),
  configured('a layer with an upper-case digest', 'package-image-invalid', {
    rootfs: { diff_ids: [`sha256:${'A'.repeat(64)}`] },
  }),
  configured('a layer by another hash', 'package-image-invalid', {
    rootfs: { diff_ids: [`sha512:${'a'.repeat(128)}`] },
  }),
  configured('a layer that it does not have', 'package-layer-mismatch', { rootfs: { diff_ids: [`sha256:${hex}`] } }),
  configured('fewer layers than there are', 'package-image-invalid', { rootfs: { diff_ids: [] } }),
  configured('no operating system', 'package-image-invalid', { os: '' }),
  configured('an operating system that is a list', 'package-image-invalid', { os: ['linux'] }),
  configured('an architecture that is null', 'package-image-invalid', { architecture: null }),
  configured('members that are deep', 'package-limit-exceeded', { config: nestedValue(100) }),
  configured('another architecture', 'kept', { architecture: 's390x' }),
  configured('another operating system', 'kept', { os: 'windows' }),
  configured('a history that lies', 'kept', { history: [{ created_by: '\u001b[31m'.repeat(1000) }] }),
  ['an architecture other than the metadata says', 'kept: architecture-differs', () => claiming({}, { arch: 'arm64' })],
  indexed('no list', 'package-image-invalid', { manifests: 7 }),
  indexed('numbers', 'package-image-invalid', { manifests: [7] }),
  indexed('a digest that leads upwards', 'package-image-invalid', {
    manifests: [{ digest: 'sha256:../../../etc/passwd' }],
  }),
  indexed('another hash', 'package-image-invalid', { manifests: [{ digest: `sha512:${'a'.repeat(128)}` }] }),
  indexed('no digest', 'package-image-invalid', { manifests: [{}] }),
  indexed('a digest that is nowhere', 'package-image-invalid', { manifests: [{ digest: `sha256:${hex}` }] }),
  nested(100, 4),
  nested(2, 5),
];

function nestedValue(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}
