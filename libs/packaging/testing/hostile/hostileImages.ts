import { gzipSync } from 'node:zlib';
import { buildImage, buildRamPackage, tarFile } from '../index.js';
import {
  base,
  db,
  web,
  metadata,
  change,
  inPackage,
  inImages,
  json,
  sized,
  firstLayer,
  type HostileCase,
} from './soundPackage.js';

export const hostileImages: readonly HostileCase[] = [
  [
    'a layer with other content',
    'package-layer-mismatch',
    () => inImages(change(/layer\.tar$/, (e) => ({ ...e, content: tarFile([{ name: 'evil' }]) }))),
  ],
  [
    'layers in another order',
    'package-layer-mismatch',
    () =>
      inImages(
        change(/^manifest/, (e) => ({
          ...e,
          content: JSON.stringify(json(e).map((i) => ({ ...i, Layers: (i['Layers'] as string[]).toReversed() }))),
        })),
      ),
  ],
  [
    'a gzip layer with other content',
    'package-layer-mismatch',
    () =>
      inImages(
        firstLayer((e) => ({ ...e, content: gzipSync(tarFile([{ name: 'evil' }])) })),
        'oci',
      ),
  ],
  [
    'a gzip layer recompressed under its old name',
    'package-layer-mismatch',
    () =>
      inImages(
        firstLayer((e) => ({ ...e, content: gzipSync(db.layers[0]!.tar, { level: 1, memLevel: 1 }) })),
        'oci',
      ),
  ],
  [
    'a gzip layer that is cut short',
    'package-truncated',
    () =>
      inImages(
        firstLayer((e) => ({ ...e, content: (e.content as Buffer).subarray(0, -4) })),
        'oci',
      ),
  ],
  [
    'garbage after a gzip layer',
    'package-damaged',
    () =>
      inImages(
        firstLayer((e) => ({ ...e, content: Buffer.concat([e.content as Buffer, sized(10)]) })),
        'oci',
      ),
  ],
  ['a layer that is not there', 'package-layer-missing', () => inImages(change(/layer\.tar$/, () => undefined))],
  [
    'a gzip layer that is not there',
    'package-layer-missing',
    () =>
      inImages(
        firstLayer(() => undefined),
        'oci',
      ),
  ],
  [
    'a layer link to nothing',
    'package-layer-missing',
    () => inImages(change(/layer\.tar$/, (e) => ({ name: e.name, type: '2', link: '../gone/layer.tar' }))),
  ],
  [
    'a zstd layer',
    'package-image-invalid',
    () =>
      inImages(
        firstLayer((e) => ({ ...e, content: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2]) })),
        'oci',
      ),
  ],
  [
    'a configuration with another name',
    'package-config-mismatch',
    () =>
      inImages(
        change(/^[0-9a-f]{64}\.json$/, (e) => ({ ...e, content: `${Buffer.from(e.content ?? '').toString()} ` })),
      ),
  ],
  [
    'a configuration that is not there',
    'package-image-invalid',
    () => inImages(change(/^[0-9a-f]{64}\.json$/, () => undefined)),
  ],
  [
    'a configuration without layers',
    'package-image-invalid',
    () =>
      buildRamPackage({
        metadata,
        images: [buildImage({ layers: [], references: ['demo/db:1'], config: { rootfs: 'none' } }), web],
      }),
  ],
  [
    'more layers than the configuration has',
    'package-image-invalid',
    () => buildRamPackage({ metadata, images: [{ ...db, layers: [...db.layers, ...web.layers] }, web] }),
  ],
  [
    'a configuration without an architecture',
    'package-image-invalid',
    () =>
      buildRamPackage({
        metadata,
        images: [buildImage({ layers: [base], references: ['demo/db:1'], config: { architecture: 7 } }), web],
      }),
  ],
  ['no manifest.json', 'package-image-invalid', () => inImages(change(/^manifest/, () => undefined))],
  [
    'a manifest.json of another type',
    'package-image-invalid',
    () => inImages(change(/^manifest/, (e) => ({ ...e, content: '{"Config":1}' }))),
  ],
  [
    'a manifest.json with a wrong member',
    'package-image-invalid',
    () => inImages(change(/^manifest/, (e) => ({ ...e, content: '[{"Config":["x"],"Layers":[]}]' }))),
  ],
  [
    'a manifest.json with a member twice',
    'package-image-invalid',
    () => inImages(change(/^manifest/, (e) => ({ ...e, content: '[{"Config":"a","Config":"b"}]' }))),
  ],
  [
    'a manifest.json that leads out',
    'package-link-escapes',
    () => inImages(change(/^manifest/, (e) => ({ ...e, content: '[{"Config":"../../etc/passwd","Layers":[]}]' }))),
  ],
  [
    'an image archive that is text',
    'package-damaged',
    () => inPackage(change(/images\.tar$/, (e) => ({ ...e, content: sized(2048) }))),
  ],
];
