import { Readable } from 'node:stream';
import { availableParallelism } from 'node:os';
import type { StagedLayer, Staging } from '@waybill/content-store';
import { together, hasCode, sha256, WaybillError, type Digest } from '@waybill/kernel';
import { budget, type Budget } from '../image/budget.js';
import { imageInvalid, parsed } from '../image/imageJson.js';
import { readConfig } from '../image/readImages.js';
import type { PackageBytes } from '../file/packageBytes.js';
import { limited } from '../limited.js';
import type { ReadLimits } from '../package.js';
import type { PackageDescription } from './description.js';
import { damaged, type MetadataFiles } from './metadataFiles.js';
import * as names from './names.js';
import { ociFiles } from './ociIndex.js';
import type { PackedFile } from './scanFiles.js';

export interface StagingContext {
  readonly bytes: PackageBytes;
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly metadata: MetadataFiles;
  readonly staging: Staging;
  readonly limits: ReadLimits;
  readonly onLayer?: (layer: StagedLayer) => void;
  readonly signal?: AbortSignal;
}

/**
 * Stages configurations, bills of materials and layers, several layers at the same time, and checks them against the description, and the files
 * that make it an OCI layout against both. Gives the layers that the package holds.
 * @throws WaybillError `package-damaged`, `package-file-missing`, `package-entry-refused`, `package-image-invalid`, `package-layer-mismatch`,
 * `package-truncated`, `package-limit-exceeded`, `disk-full`; the signal's reason
 */
export async function stageImages(
  description: PackageDescription,
  context: StagingContext,
): Promise<ReadonlyMap<Digest, StagedLayer>> {
  limited('The number of images', description.images.length, context.limits.images, names.DESCRIPTION);
  const small = await smallBlobs(description, context);
  for (const [digest, content] of small) await context.staging.putBlob(content, { expected: digest });
  const rest = [...context.files.values()].filter(
    ({ name }) => name.startsWith('blobs/') && !small.has(digestOf(name)),
  );
  const packed: PackedFile[] = [];
  const others = new Set<string>();
  for (const file of rest)
    if (await isGzip(file, context.bytes)) packed.push(file);
    else others.add(file.name);
  const layers = await stageLayers(packed, description, context);
  await mustBeOci(description, small, layers, others, context);
  return layers;
}

const digestOf = (name: string): Digest => `sha256:${name.slice(name.lastIndexOf('/') + 1)}` as Digest;

async function smallBlobs(
  { images }: PackageDescription,
  { metadata, limits, bytes }: StagingContext,
): Promise<ReadonlyMap<Digest, Uint8Array>> {
  const found = new Map<Digest, Uint8Array>();
  const take = async (digest: Digest): Promise<Buffer> => {
    const content = await metadata.file(names.blobName(digest));
    if (sha256(content) !== digest) throw damaged(bytes.name, names.blobName(digest));
    found.set(digest, content);
    return content;
  };
  for (const image of images) {
    const label = image.references[0] ?? image.config;
    const { os, architecture, diffIds } = readConfig(
      names.blobName(image.config),
      label,
      parsed(names.blobName(image.config), await take(image.config), limits),
    );
    if (os !== image.os || architecture !== image.architecture)
      throw imageInvalid(label, `it is for ${os}/${architecture}, not for ${image.os}/${image.architecture}`);
    if (
      diffIds.length !== image.layers.length ||
      diffIds.some((diffId, index) => diffId !== image.layers[index]?.diffId)
    )
      throw imageInvalid(label, 'its configuration has other layers than waybill.json says');
    for (const sbom of image.sboms)
      if ((await take(sbom.digest)).length !== sbom.size) throw damaged(bytes.name, names.blobName(sbom.digest));
  }
  return found;
}

const isGzip = async ({ at, size }: PackedFile, bytes: PackageBytes): Promise<boolean> =>
  size >= 2 && (await bytes.read(at, 2)).readUInt16BE(0) === 0x1f8b;

/** Uncompressing is the slow part and happens beside us, so that as many layers are read at the same time as there are cores. */
async function stageLayers(
  packed: readonly PackedFile[],
  description: PackageDescription,
  context: StagingContext,
): Promise<ReadonlyMap<Digest, StagedLayer>> {
  const sizes = new Map(description.images.flatMap(({ layers }) => layers).map(({ diffId, size }) => [diffId, size]));
  for (const size of sizes.values()) limited('The size of a layer', size, context.limits.layerBytes, names.DESCRIPTION);
  const spent = budget(context.limits, () => context.bytes.size);
  // The largest first: who comes last should not keep the others waiting long.
  const waiting = [...packed].sort((a, b) => b.size - a.size);
  const found = new Map<Digest, StagedLayer>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const layer = await stageLayer(next, sizes, spent, context);
      found.set(layer.diffId, layer);
      context.onLayer?.(layer);
    }
  };
  await together(
    Array.from({ length: availableParallelism() }, () =>
      work().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  return found;
}

async function stageLayer(
  { name, at, size }: PackedFile,
  sizes: ReadonlyMap<Digest, number>,
  spent: Budget,
  { bytes, staging, metadata, signal }: StagingContext,
): Promise<StagedLayer> {
  signal?.throwIfAborted();
  const largest = Math.max(0, ...sizes.values());
  const maxBytes = Math.min(largest, spent.left());
  const layer = await staging
    .putLayer(Readable.from(bytes.stream(at, size), { objectMode: false }), { maxBytes, size })
    .catch((error: unknown) => {
      // Damage on the way looks like this, too, and is what most often happened.
      if (hasCode(error, 'package-damaged') || hasCode(error, 'package-truncated'))
        throw damaged(bytes.name, name, error);
      if (!hasCode(error, 'package-limit-exceeded')) throw error;
      if (maxBytes < largest) spent.spend(largest, name);
      throw unlisted(name);
    });
  spent.spend(layer.size, name);
  if (layer.digest !== metadata.checksums.get(name) || names.blobName(layer.digest) !== name)
    throw damaged(bytes.name, name);
  const described = sizes.get(layer.diffId);
  if (described === undefined) throw unlisted(name);
  if (described !== layer.size) throw damaged(bytes.name, name);
  return layer;
}

const unlisted = (name: string) =>
  new WaybillError('package-entry-refused', { entry: name, reason: 'no image of the package has this layer.' });

/** What other programs read of the package must say what the signed description says. */
async function mustBeOci(
  description: PackageDescription,
  small: ReadonlyMap<Digest, Uint8Array>,
  layers: ReadonlyMap<Digest, StagedLayer>,
  others: ReadonlySet<string>,
  { metadata }: StagingContext,
): Promise<void> {
  const images = description.images.map((image) => ({ ...image, configSize: small.get(image.config)?.length ?? 0 }));
  const expected = ociFiles(images, layers);
  const manifests = [...expected.manifests].map(([digest, content]) => [names.blobName(digest), content] as const);
  for (const [name, content] of [
    [names.OCI_LAYOUT, expected.layout],
    [names.OCI_INDEX, expected.index],
    [names.DOCKER_MANIFEST, expected.dockerManifest],
    ...manifests,
  ] as const)
    if (!(await metadata.file(name)).equals(content))
      throw new WaybillError('package-entry-refused', {
        entry: name,
        reason: 'it says something else than waybill.json.',
      });
  for (const name of others)
    if (!manifests.some(([manifest]) => manifest === name))
      throw new WaybillError('package-entry-refused', { entry: name, reason: 'nothing in the package refers to it.' });
}
