import type { StoredLayer } from '@waybill/content-store';
import { WaybillError, type Digest } from '@waybill/kernel';
import type { PackageDescription } from './description.js';
import type { MetadataFiles } from './metadataFiles.js';
import * as names from './names.js';
import { digestIn } from './packedImages.js';
import { damaged } from './refusals.js';
import type { PackedFile } from './scanFiles.js';

/** A layer in the package file, as the package says. */
export interface ClaimedLayer extends StoredLayer {
  readonly file: PackedFile;
}

/**
 * Which file of the package is which layer, by what the package says of itself: none was unpacked. Layers that the package leaves out are not among them.
 * @throws WaybillError `package-entry-refused`, `package-file-missing`, `package-damaged`, `package-limit-exceeded`
 */
export async function claimedLayers(
  { images }: PackageDescription,
  files: ReadonlyMap<string, PackedFile>,
  metadata: MetadataFiles,
  packageName: string,
): Promise<ReadonlyMap<Digest, ClaimedLayer>> {
  const lists = layerLists(await metadata.file(names.DOCKER_MANIFEST));
  const found = new Map<Digest, ClaimedLayer>();
  for (const [index, { layers }] of images.entries())
    for (const [at, { diffId, size }] of layers.entries()) {
      const name = lists[index]?.[at];
      const file = name === undefined ? undefined : files.get(name);
      if (name === undefined || file === undefined || found.has(diffId)) continue;
      const storedDigest = digestIn(name);
      if (metadata.checksums.get(name) !== storedDigest) throw damaged(packageName, name);
      found.set(diffId, { diffId, size, encoding: 'gzip', storedSize: file.size, storedDigest, file });
    }
  return found;
}

/** What it holds is compared with what it must hold afterwards, byte by byte, so that the shape is all that matters here. */
function layerLists(content: Buffer): readonly (readonly string[])[] {
  const strange = (cause?: unknown) =>
    new WaybillError(
      'package-entry-refused',
      { entry: names.DOCKER_MANIFEST, reason: 'it says something else than waybill.json.' },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw strange(cause);
  }
  if (!Array.isArray(value)) throw strange();
  return value.map((image: { readonly Layers?: unknown } | null) => {
    const list = image?.Layers;
    if (!Array.isArray(list)) throw strange();
    return list.map(String);
  });
}
