import type { Digest } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import { budget } from '../image/budget.js';
import { limited } from '../limited.js';
import { manifestDigest } from '../manifestDigest.js';
import { defaultLimits, type ReadLimits } from '../package.js';
import { claimedLayers, type ClaimedLayer } from './claimedLayers.js';
import { manifestOf, mustBeKnown, packagedImages } from './meaning.js';
import * as names from './names.js';
import { openWaybill, sourceOf } from './openWaybill.js';
import { digestIn, mustBeOci, smallBlobs } from './packedImages.js';
import type { InspectedWaybill } from './readWaybillPackage.js';

/** What a package of the `waybill` format says of itself, in everything but its layers found sound; those were not read. */
export interface SeenWaybill extends Omit<InspectedWaybill, 'file' | 'missing'> {
  /** Bytes of the file. */
  readonly size: number;
  /** Layers that it holds; the others are left out. */
  readonly packed: ReadonlyMap<Digest, ClaimedLayer>;
}

/**
 * Checks signatures, structure and every small file, and makes the manifest anew, without reading a layer: the time it takes does not depend on
 * how large the package is. `verifyLayers` does the rest.
 * @throws WaybillError as `readWaybillPackage`, but for what only the layers show
 */
export async function lookIntoWaybill(bytes: PackageBytes, limits: ReadLimits = defaultLimits): Promise<SeenWaybill> {
  const opened = await openWaybill(bytes, limits);
  const { files, metadata, description, signer } = opened;
  const source = await sourceOf(opened, bytes.name);
  mustBeKnown(files.keys(), description, metadata.roots.length);
  limited('The number of images', description.images.length, limits.images, names.DESCRIPTION);
  const small = await smallBlobs(description, { bytes, metadata, limits });
  const packed = await claimedLayers(description, files, metadata, bytes.name);
  const layers = new Set([...packed.values()].map(({ file }) => file.name));
  const others = [...files.keys()].filter(
    (name) => name.startsWith('blobs/') && !layers.has(name) && !small.has(digestIn(name)),
  );
  await mustBeOci(description, small, packed, new Set(others), { metadata });
  const spent = budget(limits, () => bytes.size);
  for (const { file, size } of packed.values()) {
    limited('The size of a layer in bytes', size, limits.layerBytes, file.name);
    spent.spend(size, file.name);
  }
  const images = packagedImages(description);
  const { manifest, documents, notices } = manifestOf(description, source, images, limits);
  return {
    format: 'waybill',
    size: bytes.size,
    description,
    signer,
    roots: metadata.roots,
    manifest,
    manifestDigest: manifestDigest(manifest),
    source,
    documents,
    images,
    notices,
    packed,
  };
}
