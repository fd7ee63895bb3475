import { gzipSync } from 'node:zlib';
import { sha256, hexOf } from '@waybill/kernel';
import { buildImage } from '../../buildImage.js';
import { tarFile } from '../../tarFile.js';
import { buildWaybillPackage, filesIn, type PackedFiles } from '../../buildWaybillPackage.js';
import { metadata, overwritten, web, type HostileCase, type PackageBytes } from '../soundPackage.js';
import { fileHead } from '../../../write/tarBlocks.js';
import { acme, added, build, replaced, rewritten, without } from './shop.js';

type Json = Readonly<Record<string, unknown>>;
const json = (name: string, change: (value: never) => unknown) =>
  replaced(name, (bytes) => JSON.stringify(change(JSON.parse(bytes.toString('utf8')) as never)));
/** The first layer of the package: layers come last. */
const layerIn = (files: PackedFiles) => files.find(({ content }) => content[0] === 0x1f && content[1] === 0x8b)!;
const moved = (files: PackedFiles, content: Buffer): PackedFiles =>
  files.map((file) => (file === layerIn(files) ? { name: `blobs/sha256/${hexOf(sha256(content))}`, content } : file));

/** The bytes of the package, changed as they stand. */
const bytes = (title: string, outcome: string, change: (whole: Buffer) => PackageBytes): HostileCase => [
  title,
  outcome,
  async () => change(await build()),
];
const plus = (whole: Buffer, entry: Uint8Array): Buffer =>
  Buffer.concat([whole.subarray(0, -1024), entry, Buffer.alloc(1024)]);
const only = (entry: Parameters<typeof tarFile>[0][number]) => tarFile([entry]).subarray(0, -1024);

const bomb = buildImage({ references: ['demo/db:1'], layers: [{ zeros: Buffer.alloc(24 * 1024 ** 2) }] });

export const lyingFiles: readonly HostileCase[] = [
  rewritten(
    'an index for others that says something else',
    'package-entry-refused',
    json('index.json', (index: Json) => ({ ...index, annotations: { run: 'me' } })),
  ),
  rewritten(
    'an index for others with an image less',
    'package-entry-refused',
    json('index.json', ({ manifests: [, ...rest], ...index }: Json & { manifests: unknown[] }) => ({
      ...index,
      manifests: rest,
    })),
  ),
  rewritten(
    'a list for docker load with other names',
    'package-entry-refused',
    json('manifest.json', (list: Json[]) => list.map((one) => ({ ...one, RepoTags: ['demo/evil:1'] }))),
  ),
  rewritten(
    'a list for docker load with an image more',
    'package-entry-refused',
    json('manifest.json', (list: Json[]) => [...list, ...list]),
  ),
  rewritten(
    'another version of the layout',
    'package-entry-refused',
    replaced('oci-layout', () => '{"imageLayoutVersion":"2.0.0"}'),
  ),
  rewritten('a file that nothing refers to', 'package-entry-refused', added('run.sh', '#!/bin/sh\n')),
  rewritten('a blob that nothing refers to', 'package-entry-refused', added(`blobs/sha256/${hexOf(sha256('x'))}`, 'x')),
  rewritten('a layer that no image has', 'package-entry-refused', (files) => {
    const content = gzipSync('nobody’s');
    return added(`blobs/sha256/${hexOf(sha256(content))}`, content)(files);
  }),
  rewritten('a root that is one too many', 'package-entry-refused', added('publisher/7.root.json', '{}')),
  rewritten('a layer under another name', 'package-damaged', (files) =>
    files.map((file) => (file === layerIn(files) ? { ...file, name: `blobs/sha256/${'0'.repeat(64)}` } : file)),
  ),
  rewritten('a layer of another version', 'package-entry-refused', (files) => moved(files, gzipSync('another layer'))),
  rewritten('a layer that is no gzip data', 'package-entry-refused', (files) =>
    moved(files, Buffer.from('plain bytes')),
  ),
  rewritten('a layer with its end cut off', 'package-damaged', (files) =>
    moved(files, layerIn(files).content.subarray(0, -4)),
  ),
  rewritten('a layer with data behind its end', 'package-damaged', (files) =>
    moved(files, Buffer.concat([layerIn(files).content, Buffer.from('and more')])),
  ),
  rewritten(
    'a configuration with another command',
    'package-damaged',
    json(`blobs/sha256/${hexOf(web.id)}`, (config: Json) => ({ ...config, config: { Cmd: ['/bin/evil'] } })),
  ),
  rewritten(
    'another source under the same name',
    'package-damaged',
    replaced('source/', (before) => Buffer.concat([before, Buffer.from(' ')])),
  ),
  rewritten('no checksums', 'package-file-missing', without('SHA256SUMS')),
  rewritten(
    'checksums that are empty',
    'package-damaged',
    replaced('SHA256SUMS', () => ''),
  ),
  rewritten(
    'checksums of which one was changed',
    'package-damaged',
    replaced('SHA256SUMS', (before) => before.toString().replace(/\n[0-9a-f]{8}/, '\n00000000')),
  ),
  rewritten(
    'checksums that end early',
    'package-damaged',
    replaced('SHA256SUMS', (before) => before.subarray(0, -10)),
  ),
  rewritten('a description that is missing', 'package-not-gzip', without('waybill.json')),
  rewritten('a source that is missing', 'package-file-missing', without('source/')),
  rewritten('a list for docker load that is missing', 'package-file-missing', without('manifest.json')),
  rewritten('a statement that is missing', 'package-file-missing', without('waybill.dsse.json')),
  rewritten('a file twice', 'package-duplicate-entry', (files) => [...files, files[3]!]),
  rewritten('a file that leads upwards', 'package-entry-refused', added('../waybill.json')),
  rewritten('a file at an absolute place', 'package-entry-refused', added('/etc/passwd')),
  rewritten('more files than allowed', 'package-limit-exceeded', (files) => files, { entries: 5 }),
  rewritten('a description over the limit', 'package-limit-exceeded', (files) => files, { metadataBytes: 300 }),
  rewritten('more images than allowed', 'package-limit-exceeded', (files) => files, { images: 1 }),
  rewritten('more in all than allowed', 'package-limit-exceeded', (files) => files, { totalBytes: 2_000 }),
  ['a bomb', 'package-limit-exceeded', () => buildWaybillPackage({ metadata, images: [bomb, web], publisher: acme })],
  bytes('a link', 'package-entry-refused', (whole) =>
    plus(whole, only({ name: 'link', type: '2', link: '/etc/passwd' })),
  ),
  bytes('a hard link', 'package-entry-refused', (whole) =>
    plus(whole, only({ name: 'link', type: '1', link: 'waybill.json' })),
  ),
  bytes('a device', 'package-entry-refused', (whole) => plus(whole, only({ name: 'null', type: '3' }))),
  bytes('a folder', 'package-entry-refused', (whole) => plus(whole, only({ name: 'folder/', type: '5' }))),
  bytes('an extended header', 'package-entry-refused', (whole) =>
    plus(whole, only({ name: 'a', pax: { comment: 'x' } })),
  ),
  bytes('a file that runs as its owner', 'package-damaged', (whole) =>
    plus(whole, overwritten({ name: 'tool' }, 100, '0004755\0')),
  ),
  bytes('a size that lies beyond the end', 'package-truncated', (whole) => plus(whole, fileHead('big', 2 ** 32))),
  bytes('data behind its end', 'package-damaged', (whole) => Buffer.concat([whole, Buffer.alloc(512)])),
  bytes('another package behind its end', 'package-damaged', (whole) => Buffer.concat([whole, whole])),
  bytes('an end cut off', 'package-truncated', (whole) => whole.subarray(0, -512)),
  bytes('filling that is not empty', 'package-damaged', (whole) => {
    const copy = Buffer.from(whole);
    const [first] = filesIn(whole);
    copy[512 + (first?.content.length ?? 0)] = 1;
    return copy;
  }),
  bytes('the whole in gzip', 'package-not-a-template', (whole) => gzipSync(whole)),
];

/** What looks like a lie and is none: layers may be compressed anew by whoever carries them. */
export const harmlessWaybills: readonly HostileCase[] = [
  ['a package as it was written', 'kept', () => build()],
  ['layers that somebody compressed anew', 'kept', () => build({ encode: (tar) => gzipSync(tar, { level: 1 }) })],
  ['layers left out', 'kept', () => build({ without: new Set(web.layers.map(({ diffId }) => diffId)) })],
];
