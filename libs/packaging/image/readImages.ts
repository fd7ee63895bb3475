import { hexOf, isDigest, WaybillError, type Digest } from '@waybill/kernel';
import type { StagedLayer } from '@waybill/content-store';
import type { PackagedImage } from '../package.js';
import { isJsonObject } from '../ram/json.js';
import { checkName, digestIn, listImages, type ListedImage } from './archiveIndex.js';
import { collectEntries, type Found, type ReadingContext } from './collectEntries.js';
import { follow } from './follow.js';
import { limited } from '../limited.js';
import { imageInvalid, jsonBytes, listOf, parsed, textOf } from './imageJson.js';

/**
 * Reads the images of one uncompressed archive (docker-save form or OCI layout) into the staging area, layers as layers, configurations as blobs,
 * and checks every layer against its image's configuration and every configuration against its name. `name` is what messages call the archive.
 * An archive that holds nothing yields no image. Layers that no image names are staged too: commit what the images name only.
 */
export async function readImages(
  archive: AsyncIterable<Uint8Array>,
  name: string,
  context: ReadingContext,
): Promise<readonly PackagedImage[]> {
  const entries = await collectEntries(archive, name, context);
  if (entries.size === 0) return [];
  const listed = listImages(entries, context.limits);
  if (listed === undefined)
    throw imageInvalid(name, 'it has neither manifest.json nor index.json, so it is no image archive');
  const images = new Map<Digest, PackagedImage>();
  const references = new Map<Digest, Set<string>>();
  for (const item of listed) {
    const image = await check(item, entries, context, images);
    if (!images.has(image.config)) images.set(image.config, image);
    const known = references.get(image.config) ?? new Set();
    for (const reference of image.references) known.add(reference);
    references.set(image.config, known);
  }
  return [...images.values()].map((image) => ({ ...image, references: [...(references.get(image.config) ?? [])] }));
}

/** Two entries of one image: known by the references of both. */
export const sameImage = (present: PackagedImage | undefined, image: PackagedImage): PackagedImage => ({
  ...image,
  references: [...new Set([...(present?.references ?? []), ...image.references])],
});

async function check(
  { references, config, layers }: ListedImage,
  entries: ReadonlyMap<string, Found>,
  { staging, limits }: ReadingContext,
  checked: ReadonlyMap<Digest, PackagedImage>,
): Promise<PackagedImage> {
  const label = references[0] ?? config;
  limited(`The number of layers of ${label}`, layers.length, limits.layers, config);
  const bytes = jsonBytes(entries, config, limits);
  const digest = checkName(config, bytes);
  const { os, architecture, diffIds } = readConfig(config, label, parsed(config, bytes, limits));
  if (diffIds.length !== layers.length)
    throw imageInvalid(label, `its configuration has ${diffIds.length} layers, the archive lists ${layers.length}`);
  const found = layers.map((layer, index) => layerOf(entries, layer, index, label));
  found.forEach((layer, index) => {
    const expected = diffIds[index];
    if (layer.diffId !== expected)
      throw new WaybillError('package-layer-mismatch', { index, image: label, actual: layer.diffId, expected });
  });
  if (!checked.has(digest)) await staging.putBlob(bytes, { expected: digest });
  return {
    references,
    config: digest,
    os,
    architecture,
    layers: found.map(({ diffId, size }) => ({ diffId, size })),
  };
}

function layerOf(entries: ReadonlyMap<string, Found>, name: string, index: number, image: string): StagedLayer {
  const found = follow(entries, name);
  if (found === undefined) throw new WaybillError('package-layer-missing', { index, image, layer: name });
  if (found.kind !== 'layer')
    throw imageInvalid(image, `its layer ${name} is ${found.kind === 'unusable' ? found.what : 'JSON text'}`);
  const promised = name.startsWith('blobs/') ? digestIn(name) : undefined;
  if (promised !== undefined && hexOf(promised) !== hexOf(found.layer.digest))
    throw new WaybillError('package-layer-mismatch', {
      index,
      image,
      actual: found.layer.digest,
      expected: promised,
    });
  return found.layer;
}

export function readConfig(name: string, image: string, config: ReturnType<typeof parsed>) {
  if (!isJsonObject(config)) throw imageInvalid(image, `its configuration ${name} is no object`);
  const rootfs = config['rootfs'];
  if (rootfs === undefined || !isJsonObject(rootfs)) throw imageInvalid(image, 'its configuration names no layers');
  const diffIds = listOf(rootfs, 'diff_ids', image).map((text) => {
    if (!isDigest(text)) throw imageInvalid(image, `"${text}" in its configuration is no digest`);
    return text;
  });
  return { os: textOf(config, 'os', image), architecture: textOf(config, 'architecture', image), diffIds };
}
