import { Readable } from 'node:stream';
import { availableParallelism } from 'node:os';
import type { StagedLayer, Staging } from '@waybill/content-store';
import { hasCode, severalAtOnce, type Digest } from '@waybill/kernel';
import { budget, type Budget } from '../image/budget.js';
import type { PackageBytes } from '../file/packageBytes.js';
import { limited } from '../limited.js';
import type { ReadLimits } from '../package.js';
import type { PackageDescription } from './description.js';
import type { MetadataFiles } from './metadataFiles.js';
import * as names from './names.js';
import { digestIn, mustBeOci, smallBlobs } from './packedImages.js';
import { damaged, unlisted } from './refusals.js';
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
    ({ name }) => name.startsWith('blobs/') && !small.has(digestIn(name)),
  );
  const packed: PackedFile[] = [];
  const others = new Set<string>();
  for (const file of rest)
    if (await isGzip(file, context.bytes)) packed.push(file);
    else {
      await context.metadata.file(file.name);
      others.add(file.name);
    }
  const layers = await stageLayers(packed, description, context);
  await mustBeOci(description, small, layers, others, context);
  return layers;
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
  for (const size of sizes.values())
    limited('The size of a layer in bytes', size, context.limits.layerBytes, names.DESCRIPTION);
  const spent = budget(context.limits, () => context.bytes.size);
  // Who comes last should not keep the others waiting long.
  const largestFirst = [...packed].sort((a, b) => b.size - a.size);
  const found = new Map<Digest, StagedLayer>();
  await severalAtOnce(availableParallelism(), largestFirst, async (file) => {
    const layer = await stageLayer(file, sizes, spent, context);
    found.set(layer.diffId, layer);
    context.onLayer?.(layer);
  });
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
