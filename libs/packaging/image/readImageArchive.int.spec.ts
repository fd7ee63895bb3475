import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hexOf, sha256 } from '@waybill/kernel';
import { openContentStore, type ContentStore, type Staging } from '@waybill/content-store';
import { defaultLimits } from '../package.js';
import { buildImage, buildImageArchive, tarFile, type TarFileEntry } from '../testing/index.js';
import { readImageArchive } from './readImageArchive.js';

let root: string;
let store: ContentStore;
let staging: Staging;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'image-archive-'));
  store = await openContentStore(root);
  staging = await store.stage('publish');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const shared = { 'etc/os-release': 'NAME=test' };
const db = buildImage({ references: ['demo/db:1'], layers: [shared, { 'data/a': 'a' }] });
// The shared layer lies above another one here, so it has a second id and a link in the docker-save form.
const web = buildImage({
  references: ['demo/web:1', 'demo/web:latest'],
  layers: [{ 'web/x': 'x' }, shared],
  architecture: 'arm64',
});
const images = [db, web];
const expected = [db.packaged, web.packaged];

const read = (bytes: Uint8Array, options: Parameters<typeof readImageArchive>[2] = {}) =>
  readImageArchive(Readable.from([bytes], { objectMode: false }), staging, options);
const code = (value: string): unknown => expect.objectContaining({ code: value }) as unknown;
type Entries = readonly TarFileEntry[];

describe('an image archive is read the same', () => {
  const reversed = (entries: Entries) => [...entries].reverse();
  const hardLinked = (entries: Entries) =>
    entries.map((e) => (e.type === '2' ? { ...e, type: '1', link: (e.link ?? '').replace('../', '') } : e));
  const withoutManifestJson = (entries: Entries) => entries.filter((e) => e.name !== 'manifest.json');
  const rawLayers = (entries: Entries) => entries.filter((e) => !e.name.startsWith('blobs/')).map(rawManifest);
  const rawManifest = (e: TarFileEntry): TarFileEntry =>
    e.name !== 'manifest.json'
      ? e
      : {
          name: e.name,
          content: JSON.stringify(
            images.map((image) => ({
              Config: `blobs/sha256/${hexOf(image.id)}`,
              RepoTags: image.references,
              Layers: image.layers.map((layer) => `blobs/sha256/${hexOf(layer.diffId)}`),
            })),
          ),
        };
  const rawBlobs = [...new Map(images.flatMap((image) => image.layers).map((layer) => [layer.diffId, layer])).values()];
  const forms: readonly (readonly [string, Uint8Array])[] = [
    ['in the docker-save form', buildImageArchive({ images })],
    ['gzipped', gzipSync(buildImageArchive({ images }))],
    ['with links before what they lead to', buildImageArchive({ images, mutate: reversed })],
    ['with hard links', buildImageArchive({ images, mutate: hardLinked })],
    ['in the OCI form with manifest.json', buildImageArchive({ images, form: 'oci' })],
    ['in the OCI form, index first', buildImageArchive({ images, form: 'oci', mutate: reversed })],
    ['as an OCI layout alone', buildImageArchive({ images, form: 'oci', mutate: withoutManifestJson })],
    [
      'in the OCI form with raw layers, as engines with the classic store write it',
      buildImageArchive({
        images,
        form: 'oci',
        mutate: (entries) => [
          ...rawLayers(entries),
          ...images.map((image) => ({ name: `blobs/sha256/${hexOf(image.id)}`, content: image.config })),
          ...rawBlobs.map((layer) => ({ name: `blobs/sha256/${hexOf(layer.diffId)}`, content: layer.tar })),
        ],
      }),
    ],
  ];
  it.each(forms)('%s', async (_, bytes) => {
    const found = await read(bytes);
    expect(found).toEqual(expected);
    await staging.commit({
      layers: found.flatMap((image) => image.layers.map((layer) => layer.diffId)),
      blobs: found.map((image) => image.config),
    });
    for (const { diffId } of found.flatMap((image) => image.layers))
      expect(await store.verify('layer', diffId)).toBe('sound');
    for (const { config } of found) expect(await store.verify('blob', config)).toBe('sound');
  });

  it('written by another tar writer, with long names and directories', async () => {
    const entries: Entries = await new Promise((resolve) => {
      buildImageArchive({ images, mutate: (all) => (resolve(all), all) });
    });
    const writer = pack();
    for (const { name, content, type, link } of entries) {
      if (type === '5') writer.entry({ name, type: 'directory' });
      else if (type === '2') writer.entry({ name, type: 'symlink', linkname: link ?? '' });
      else writer.entry({ name }, Buffer.from(content ?? ''));
    }
    writer.entry({ name: `unknown/${'long'.repeat(60)}/ü.txt` }, 'passed over');
    writer.finalize();
    expect(await readImageArchive(Readable.from(writer, { objectMode: false }), staging)).toEqual(expected);
  });
});

describe('an OCI layout', () => {
  const blob = (value: unknown) => {
    const content = Buffer.from(JSON.stringify(value));
    return { name: `blobs/sha256/${hexOf(sha256(content))}`, content };
  };
  const described = (mediaType: string, content: Uint8Array, more: object = {}) => ({
    mediaType,
    digest: sha256(content),
    size: content.length,
    ...more,
  });
  const manifestOf = (image: typeof db) =>
    blob({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: described('application/vnd.oci.image.config.v1+json', image.config),
      layers: image.layers.map(({ tar }) => described('application/vnd.oci.image.layer.v1.tar', tar)),
    });
  const blobsOf = (image: typeof db) => [
    blob(JSON.parse(Buffer.from(image.config).toString())),
    ...image.layers.map(({ tar, diffId }) => ({ name: `blobs/sha256/${hexOf(diffId)}`, content: tar })),
    manifestOf(image),
  ];
  const index = (manifests: readonly object[]) => ({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests,
  });
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const layout = (top: readonly object[], ...entries: readonly TarFileEntry[]) =>
    tarFile([
      { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
      { name: 'index.json', content: JSON.stringify(index(top)) },
      ...entries,
    ]);
  const name = { annotations: { 'io.containerd.image.name': 'docker.io/demo/db:1' } };

  it('may nest its index; other platforms may be missing, attestations are passed over', async () => {
    const attestation = blob({ schemaVersion: 2, config: {}, layers: [] });
    const inner = blob(
      index([
        described(type, manifestOf(db).content, { platform: { os: 'linux', architecture: 'amd64' } }),
        described(type, manifestOf(web).content, { platform: { os: 'linux', architecture: 'arm64' } }),
        described(type, attestation.content, { platform: { os: 'unknown', architecture: 'unknown' } }),
      ]),
    );
    const top = [described('application/vnd.oci.image.index.v1+json', inner.content, name)];
    const bytes = layout(top, inner, attestation, ...blobsOf(db));
    expect(await read(bytes)).toEqual([{ ...db.packaged, references: ['docker.io/demo/db:1'] }]);
  });

  it('that lists only what is not there, or what has another digest, is refused', async () => {
    const top = [described(type, manifestOf(db).content, name)];
    await expect(read(layout(top))).rejects.toEqual(code('package-image-invalid'));
    const other = { ...manifestOf(db), content: manifestOf(web).content };
    await expect(read(layout(top, ...blobsOf(db).slice(0, -1), other))).rejects.toEqual(code('package-image-invalid'));
  });

  it('whose index contains itself ends', async () => {
    const loop = described('application/vnd.oci.image.index.v1+json', Buffer.from('{}'));
    const deep = Array.from({ length: 6 }).reduce<{ top: object; blobs: TarFileEntry[] }>(
      ({ top, blobs }) => {
        const made = blob(index([top]));
        return {
          top: described('application/vnd.oci.image.index.v1+json', made.content),
          blobs: [...blobs, made],
        };
      },
      { top: loop, blobs: [{ name: `blobs/sha256/${hexOf(sha256('{}'))}`, content: '{}' }] },
    );
    await expect(read(layout([deep.top], ...deep.blobs))).rejects.toEqual(code('package-image-invalid'));
  });
});

describe('an image archive', () => {
  it('may list one image twice: it is known by the references of both', async () => {
    const again = { ...db, references: ['other/name:2'] };
    expect(await read(buildImageArchive({ images: [db, again] }))).toEqual([
      { ...db.packaged, references: ['demo/db:1', 'other/name:2'] },
    ]);
  });

  it('that is empty, something else or cut short is told so', async () => {
    const whole = buildImageArchive({ images });
    await expect(read(new Uint8Array(0))).rejects.toEqual(code('package-empty'));
    await expect(read(tarFile([]))).rejects.toEqual(code('package-empty'));
    await expect(read(Buffer.from('PK\x03\x04'))).rejects.toEqual(code('package-not-a-template'));
    await expect(read(tarFile([{ name: 'readme.txt', content: 'hello' }]))).rejects.toEqual(
      code('package-image-invalid'),
    );
    for (let length = 512; length <= whole.length - 1024; length += 512)
      await expect(read(whole.subarray(0, length))).rejects.toEqual(code('package-truncated'));
  });

  it('that is fed by a pipeline tells why it was not read on', async () => {
    const lie = buildImageArchive({
      images,
      mutate: (all) => [{ name: '../x', content: 'x' }, ...all, { name: 'filler', content: Buffer.alloc(1024 ** 2) }],
    });
    for (const bytes of [lie, gzipSync(lie)])
      for (const size of [1024, 64 * 1024]) {
        const source = Readable.from(
          Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
        );
        const through = new PassThrough();
        const both = Promise.all([readImageArchive(through, staging), pipeline(source, through)]);
        await expect(both).rejects.toEqual(code('package-entry-refused'));
      }
  });

  it('tells how much of it was read', async () => {
    const bytes = buildImageArchive({ images });
    const seen: number[] = [];
    await read(bytes, { onProgress: (count) => seen.push(count) });
    expect(seen.at(-1)).toBe(bytes.length);
  });

  it('stops when asked to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(read(buildImageArchive({ images }), { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('is read in bounded memory, however large its layers are', async () => {
    const before = process.memoryUsage().rss;
    let peak = 0;
    const block = Buffer.alloc(1024 ** 2, 'waybill ');
    const size = 400;
    const header = tarFile([{ name: 'big/layer.tar', size: size * block.length }]).subarray(0, 512);
    async function* archive() {
      yield header;
      for (let i = 0; i < size; i++) {
        yield await Promise.resolve(block);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
      yield Buffer.alloc(1024);
    }
    const stream = Readable.from(archive(), { objectMode: false });
    const limits = { ...defaultLimits, ratio: 1000 };
    await expect(readImageArchive(stream, staging, { limits })).rejects.toEqual(code('package-image-invalid'));
    expect((peak - before) / 1024 ** 2).toBeLessThan(150);
  });
});
