import { gzipSync } from 'node:zlib';
import { buildImageArchive, buildRamPackage, tarFile } from '../index.js';
import { db, metadata, images, entry, change, inPackage, type HostileCase } from './soundPackage.js';

export const hostileContents: readonly HostileCase[] = [
  [
    'a compose package',
    'package-not-a-template',
    () =>
      gzipSync(
        tarFile([
          { name: 'a/docker-compose.yaml' },
          { name: 'a/run.sh' },
          { name: 'a/component-images.tar', content: buildImageArchive({ images }) },
        ]),
      ),
  ],
  ['an image archive, docker-save form', 'package-not-a-template', () => gzipSync(buildImageArchive({ images }))],
  ['an image archive, OCI form', 'package-not-a-template', () => gzipSync(buildImageArchive({ images, form: 'oci' }))],
  ['a Helm package', 'package-not-a-template', () => gzipSync(tarFile([{ name: 'a/b/Chart.yaml' }]))],
  ['a slug package', 'package-not-a-template', () => gzipSync(tarFile([{ name: 'a/web/web-slug.tgz' }]))],
  ['no metadata', 'package-no-metadata', () => inPackage(change(/metadata/, () => undefined))],
  [
    'metadata outside the root folder',
    'package-no-metadata',
    () => inPackage(change(/metadata/, (e) => ({ ...e, name: 'metadata.json' }))),
  ],
  [
    'metadata that is no JSON',
    'package-metadata-invalid',
    () => buildRamPackage({ images, metadata: Buffer.from('{') }),
  ],
  ['two metadata.json', 'package-duplicate-entry', () => inPackage((e) => [...e, ...e.slice(1, 2)])],
  [
    'two metadata.json in two folders',
    'package-duplicate-entry',
    () => inPackage(entry({ name: 'other/metadata.json', content: '{}' })),
  ],
  ['images outside the root folder', 'package-entry-refused', () => inPackage(entry({ name: 'other/x.tar' }))],
  ['an image that is not there', 'package-image-missing', () => buildRamPackage({ metadata, images: [db] })],
];
