import type { StoredLayer } from '@waybill/content-store';
import { sha256, WaybillError, type Digest } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import { imageInvalid, parsed } from '../image/imageJson.js';
import { readConfig } from '../image/readImages.js';
import type { ReadLimits } from '../package.js';
import { checkSbom } from '../sbom.js';
import type { PackageDescription } from './description.js';
import type { MetadataFiles } from './metadataFiles.js';
import * as names from './names.js';
import { ociFiles } from './ociIndex.js';
import { damaged } from './refusals.js';

export interface ImagesContext {
  readonly bytes: PackageBytes;
  readonly metadata: MetadataFiles;
  readonly limits: ReadLimits;
}

/** The digest that the name of a blob states. */
export const digestIn = (name: string): Digest => `sha256:${name.slice(name.lastIndexOf('/') + 1)}` as Digest;

/**
 * Configurations and bills of materials by digest, checked against the description.
 * @throws WaybillError `package-damaged`, `package-file-missing`, `package-image-invalid`, `package-limit-exceeded`, `sbom-invalid`
 */
export async function smallBlobs(
  { images }: PackageDescription,
  { metadata, limits, bytes }: ImagesContext,
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
    for (const sbom of image.sboms) {
      const content = await take(sbom.digest);
      if (content.length !== sbom.size) throw damaged(bytes.name, names.blobName(sbom.digest));
      checkSbom(content, names.blobName(sbom.digest), limits);
    }
  }
  return found;
}

/** What other programs read of the package must say what the signed description says. @throws WaybillError `package-entry-refused`, `package-file-missing`, `package-damaged` */
export async function mustBeOci(
  description: PackageDescription,
  small: ReadonlyMap<Digest, Uint8Array>,
  layers: ReadonlyMap<Digest, StoredLayer>,
  others: ReadonlySet<string>,
  { metadata }: Pick<ImagesContext, 'metadata'>,
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
