import type { Staging } from '@waybill/content-store';
import { together, type Digest } from '@waybill/kernel';
import { digestOfFile, type PackageBytes } from '../file/packageBytes.js';
import type { Manifest } from '../manifest.js';
import { manifestDigest } from '../manifestDigest.js';
import { defaultLimits, type Notice, type PackagedImage, type ReadLimits } from '../package.js';
import type { Envelope } from '../signing/index.js';
import type { PackageDescription } from './description.js';
import { manifestOf, mustBeKnown, packagedImages } from './meaning.js';
import { openWaybill, sourceOf } from './openWaybill.js';
import type { PackageSigner } from './packageSigner.js';
import { stageImages } from './stageImages.js';

export interface ReadWaybillOptions {
  readonly limits?: ReadLimits;
  /** Called as soon as it is known who vouches for what, before any layer is read; throws to refuse the package. */
  readonly onSigner?: (signer: PackageSigner, description: PackageDescription) => void | Promise<void>;
  /** Bytes of the file. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** A package of the `waybill` format that was read whole and found sound. */
export interface InspectedWaybill {
  readonly format: 'waybill';
  readonly file: { readonly digest: Digest; readonly size: number };
  readonly description: PackageDescription;
  readonly signer: PackageSigner;
  /** The publisher's roots, the first one first. */
  readonly roots: readonly Envelope[];
  readonly manifest: Manifest;
  readonly manifestDigest: Digest;
  readonly source: Uint8Array;
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  readonly images: readonly PackagedImage[];
  /** Layers that were left out of it and are not here either; an import needs them. */
  readonly missing: readonly Digest[];
  readonly notices: readonly Notice[];
}

/**
 * Reads a package of the `waybill` format, layers and image configurations into the staging area. Everything is checked before this resolves:
 * signatures first, then every file against `SHA256SUMS`, every layer against its image, and the manifest by making it anew from the source.
 * On failure the caller discards the staging area.
 * @throws WaybillError `package-truncated`, `package-damaged`, `package-entry-refused`, `package-duplicate-entry`, `package-file-missing`,
 * `package-description-invalid`, `package-signature-invalid`, `publisher-root-invalid`, `package-limit-exceeded`, `package-image-invalid`,
 * `sbom-invalid`, `package-metadata-invalid`, `template-invalid`, `compose-invalid`, `compose-refused`, `disk-full`; what `onSigner` throws; the signal's reason
 */
export async function readWaybillPackage(
  bytes: PackageBytes,
  staging: Staging,
  options: ReadWaybillOptions = {},
): Promise<InspectedWaybill> {
  const { limits = defaultLimits, signal } = options;
  const opened = await openWaybill(bytes, limits);
  const { files, metadata, description, signer } = opened;
  await options.onSigner?.(signer, description);
  const source = await sourceOf(opened, bytes.name);
  mustBeKnown(files.keys(), description, metadata.roots.length);

  let done = 0;
  const [layers, digest] = await together([
    stageImages(description, {
      bytes,
      files,
      metadata,
      staging,
      limits,
      ...(signal === undefined ? {} : { signal }),
      onLayer: ({ storedSize }) => options.onProgress?.((done += storedSize), bytes.size),
    }),
    digestOfFile(bytes),
  ]);
  const images = packagedImages(description);
  const { manifest, documents, notices } = manifestOf(description, source, images, limits);
  const missing: Digest[] = [];
  for (const diffId of new Set(images.flatMap((image) => image.layers.map((layer) => layer.diffId))))
    if (!layers.has(diffId) && !(await staging.holdLayer(diffId))) missing.push(diffId);
  return {
    format: 'waybill',
    file: { digest, size: bytes.size },
    description,
    signer,
    roots: metadata.roots,
    manifest,
    manifestDigest: manifestDigest(manifest),
    source,
    documents,
    images,
    missing,
    notices,
  };
}
