import { normaliseCompose, parseComposeSource } from './compose/index.js';
import { normaliseAmended } from './amended/normaliseAmended.js';
import { parseAmendedSource } from './amended/source.js';
import { standInsFor } from './compose/standIns.js';
import { defaultLimits, type PackagedImage, type ReadLimits } from './package.js';
import { normaliseRam } from './ram/normaliseRam.js';
import { parseRamMetadata } from './ram/parseRamMetadata.js';
import type { NormalisedSource } from './normalisedSource.js';
import type { SourceFormat } from './sourceFormat.js';

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
      return normaliseCompose(parseComposeSource(source, limits), images, limits, (other, bytes) =>
        normalise(other, bytes, standInsFor(other, bytes, limits), limits),
      );
    case 'amended': {
      const amended = parseAmendedSource(source, limits);
      const base = normalise(amended.base.format, Buffer.from(amended.base.source, 'utf8'), images, limits);
      return normaliseAmended(amended, base, limits);
    }
  }
}
