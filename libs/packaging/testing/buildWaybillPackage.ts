import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openContentStore, type StoredLayer } from '@waybill/content-store';
import { sha256, type Digest } from '@waybill/kernel';
import { manifestDigest } from '../manifestDigest.js';
import { normalise } from '../normalise.js';
import type { SourceFormat } from '../sourceFormat.js';
import {
  signingKeyOf,
  signRoot,
  rootChain,
  type Envelope,
  type PublisherRoot,
  type SigningKey,
} from '../signing/index.js';
import type { PackageDescription } from '../waybill/description.js';
import { writeChecksums } from '../waybill/checksums.js';
import { CHECKSUMS } from '../waybill/names.js';
import { writeWaybillPackage, type WaybillContent } from '../waybill/writeWaybillPackage.js';
import { BLOCK, tarHeader } from '../tar/tarHeader.js';
import { fileHead, padding, TAR_END } from '../write/tarBlocks.js';
import { plainBytes } from '../write/pieces.js';
import type { BuiltImage } from './buildImage.js';
import { memoryFolder } from './memoryFolder.js';

/** A vendor for tests: a key, and the root that names it. */
export interface TestPublisher {
  readonly keys: readonly SigningKey[];
  readonly roots: readonly Envelope[];
}

export const testKey = (seed: number): SigningKey => signingKeyOf(Buffer.alloc(32, seed));

export const publisherRoot = (
  version: number,
  keys: readonly SigningKey[],
  more: Partial<PublisherRoot> = {},
): PublisherRoot => ({
  schema: 1,
  publisher: 'Acme',
  version,
  threshold: 1,
  keys: keys.map(({ publicKey }) => publicKey.line).sort(),
  revoked: [],
  ...more,
});

export const testPublisher = (seed = 1): TestPublisher => {
  const key = testKey(seed);
  return { keys: [key], roots: [signRoot(publisherRoot(1, [key]), [key])] };
};

export interface WaybillPackageDescription {
  /** The source document: `metadata.json`, unless another format is named. */
  readonly metadata: unknown;
  readonly sourceFormat?: SourceFormat;
  readonly images: readonly BuiltImage[];
  readonly publisher?: TestPublisher;
  /** Diff ids to leave out. */
  readonly without?: ReadonlySet<Digest>;
  /** How layers are compressed, where not as Waybill does. */
  readonly encode?: (tar: Uint8Array) => Uint8Array;
  /** The last word on what is written: any lie, before it is signed. */
  readonly mutate?: (content: WaybillContent) => WaybillContent;
  /** Lies told after it was signed; `SHA256SUMS` is made to fit them unless it is among them. */
  readonly rewrite?: (files: PackedFiles) => PackedFiles;
}

/** The files of a package in their order. */
export type PackedFiles = readonly { readonly name: string; readonly content: Buffer }[];

/** The bytes of a package of the `waybill` format with these images, as Waybill writes it. */
export async function buildWaybillPackage(asked: WaybillPackageDescription): Promise<Buffer> {
  const folder = await memoryFolder('waybill-package-');
  try {
    const store = await openContentStore(folder);
    const staging = await store.stage('images');
    const layers = new Map<Digest, StoredLayer>();
    for (const { diffId, tar } of asked.images.flatMap((image) => image.layers))
      if (asked.without?.has(diffId) !== true)
        layers.set(
          diffId,
          await staging.putLayer(Readable.from([asked.encode?.(tar) ?? tar], { objectMode: false }), {
            compress: true,
          }),
        );
    await staging.commit();
    const content = contentOf(asked, layers);
    const { pieces } = writeWaybillPackage(asked.mutate?.(content) ?? content);
    const written = await buffer(plainBytes(pieces, store));
    return asked.rewrite === undefined ? written : packed(checked(asked.rewrite(filesIn(written)), filesIn(written)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The files of a package that was written here. */
export function filesIn(written: Buffer): PackedFiles {
  const files: { readonly name: string; readonly content: Buffer }[] = [];
  for (let at = 0; ;) {
    const header = tarHeader(written.subarray(at, at + BLOCK));
    if (header?.size === undefined) return files;
    const start = at + BLOCK;
    files.push({
      name: Buffer.from(header.name).toString('utf8'),
      content: written.subarray(start, start + header.size),
    });
    at = start + header.size + padding(header.size).length;
  }
}

const packed = (files: PackedFiles): Buffer =>
  Buffer.concat([
    ...files.flatMap(({ name, content }) => [fileHead(name, content.length), content, padding(content.length)]),
    TAR_END,
  ]);

function checked(files: PackedFiles, before: PackedFiles): PackedFiles {
  const sums = (of: PackedFiles) => of.find(({ name }) => name === CHECKSUMS)?.content;
  const [own, old] = [sums(files), sums(before)];
  if (own === undefined || old === undefined || !own.equals(old)) return files;
  const digests = new Map(
    files.filter(({ name }) => name !== CHECKSUMS).map(({ name, content }) => [name, sha256(content)]),
  );
  return files.map((file) => (file.name === CHECKSUMS ? { ...file, content: writeChecksums(digests) } : file));
}

/** Writes it to a file of a folder, and gives its path. */
export async function writeWaybillFile(
  folder: string,
  name: string,
  asked: WaybillPackageDescription,
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, await buildWaybillPackage(asked));
  return path;
}

function contentOf(asked: WaybillPackageDescription, layers: ReadonlyMap<Digest, StoredLayer>): WaybillContent {
  const { keys, roots } = asked.publisher ?? testPublisher();
  const source = Buffer.from(JSON.stringify(asked.metadata));
  const images = asked.images.map(({ packaged }) => packaged).sort((a, b) => (a.config < b.config ? -1 : 1));
  const { manifest } = normalise(asked.sourceFormat ?? 'ram', source, images);
  const chain = rootChain(roots);
  const description: PackageDescription = {
    schema: 1,
    publisher: { id: chain.publisher, name: chain.newest.publisher, root: chain.newest.version },
    template: manifest.template,
    version: manifest.version,
    manifest: manifestDigest(manifest),
    manifestSchema: manifest.schema,
    published: '2026-01-02T03:04:05Z',
    source: { format: asked.sourceFormat ?? 'ram', digest: sha256(source) },
    images: images.map((image) => ({ ...image, references: [...image.references].sort(), sboms: [] })),
    withdrawn: [],
  };
  const blobs = new Map(asked.images.map(({ id, config }) => [id, config]));
  return { description, source, blobs, layers, roots, keys };
}
