import { WaybillError } from '@waybill/kernel';
import type { Manifest } from '../manifest.js';
import { manifestDigest } from '../manifestDigest.js';
import { normalise } from '../normalise.js';
import type { NormalisedSource } from '../normalisedSource.js';
import type { PackagedImage, ReadLimits } from '../package.js';
import type { PackageDescription } from './description.js';
import * as names from './names.js';

const FIXED: readonly string[] = [
  names.DESCRIPTION,
  names.SSH_SIGNATURE,
  names.ENVELOPE,
  names.CHECKSUMS,
  names.OCI_LAYOUT,
  names.OCI_INDEX,
  names.DOCKER_MANIFEST,
];

/** Every file must be one that has a meaning. @throws WaybillError `package-entry-refused` */
export function mustBeKnown(found: Iterable<string>, description: PackageDescription, roots: number): void {
  const known = new Set([
    ...FIXED,
    names.sourceName(description.source.digest),
    ...Array.from({ length: roots }, (_, index) => names.rootName(index + 1)),
  ]);
  for (const name of found)
    if (!name.startsWith('blobs/') && !known.has(name))
      throw new WaybillError('package-entry-refused', { entry: name, reason: 'nothing in the package refers to it.' });
}

export const packagedImages = ({ images }: PackageDescription): readonly PackagedImage[] =>
  images.map(({ config, os, architecture, references, layers, sboms }) => ({
    config,
    os,
    architecture,
    references,
    layers,
    ...(sboms.length === 0 ? {} : { sboms }),
  }));

/**
 * Makes the manifest from the source, which must come to what the description says.
 * @throws WaybillError `package-description-invalid`; what `normalise` throws
 */
export function manifestOf(
  description: PackageDescription,
  source: Uint8Array,
  images: readonly PackagedImage[],
  limits: ReadLimits,
): NormalisedSource {
  const normalised = normalise(description.source.format, source, images, limits);
  mustAgree(description, normalised.manifest);
  return normalised;
}

function mustAgree(description: PackageDescription, manifest: Manifest): void {
  const differs = (what: string) =>
    new WaybillError('package-description-invalid', { at: `/${what}`, reason: 'its source says something else' });
  if (description.template.key !== manifest.template.key) throw differs('template/key');
  if (description.template.name !== manifest.template.name) throw differs('template/name');
  if (description.version !== manifest.version) throw differs('version');
  // An older schema leads to another digest of the same content; the source is signed all the same.
  if (description.manifestSchema === manifest.schema && description.manifest !== manifestDigest(manifest))
    throw differs('manifest');
}
