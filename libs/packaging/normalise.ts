import { normaliseCompose, parseComposeSource } from './compose/index.js';
import type { Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';
import { defaultLimits, type Notice, type PackagedImage, type ReadLimits } from './package.js';
import { normaliseRam } from './ram/normaliseRam.js';
import { parseRamMetadata } from './ram/parseRamMetadata.js';

/** What the author of a version wrote: `metadata.json` of the reference system, or a Compose file with what belongs to it. */
export type SourceFormat = 'ram' | 'compose';

export interface NormalisedSource {
  readonly manifest: Manifest;
  /** Documents that the manifest refers to by digest. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  /** Sorted by subject, code, message; the codes are in docs/formats.md. */
  readonly notices: readonly Notice[];
}

/**
 * Makes the manifest of a source document, whatever its format.
 * @throws WaybillError `package-metadata-invalid`, `package-limit-exceeded`, `package-image-missing`, `template-invalid`, `compose-invalid`,
 * `compose-refused`
 */
export function normalise(
  format: SourceFormat,
  source: Uint8Array,
  images: readonly PackagedImage[],
  limits: ReadLimits = defaultLimits,
): NormalisedSource {
  switch (format) {
    case 'ram':
      return normaliseRam(parseRamMetadata(source, { limits }), images, limits);
    case 'compose':
      return normaliseCompose(parseComposeSource(source, limits), images, limits);
  }
}
