import type { Digest } from '@waybill/kernel';
import { amendedSourceBytes, parseAmendedSource } from './amended/source.js';
import { composeSourceBytes, parseComposeSource } from './compose/source.js';
import { pinnedReferences } from './compose/pinImages.js';
import { renumbered } from './ram/exportedMetadata.js';
import type { RamContent } from './ram/ramContent.js';
import { imageReferences } from './ram/taggedImages.js';
import type { SourceFormat } from './sourceFormat.js';

/** A stored source under the number that its version was taken under. */
export function sourceUnder(format: SourceFormat, source: Uint8Array, version: string): Uint8Array {
  switch (format) {
    case 'ram':
      return renumbered(source, version);
    case 'compose':
      return composeSourceBytes({ ...parseComposeSource(source), version });
    case 'amended':
      return amendedSourceBytes({ ...parseAmendedSource(source), version });
  }
}

/**
 * The names that a stored source has for each image, by which a reader finds them. Sorted; an image that nothing names is not among them.
 * @throws WaybillError `package-metadata-invalid`, `package-image-missing`
 */
export function sourceReferences(
  format: SourceFormat,
  content: Pick<RamContent, 'source' | 'manifest' | 'documents' | 'images'>,
): ReadonlyMap<Digest, readonly string[]> {
  switch (format) {
    case 'ram':
      return imageReferences(content);
    case 'compose':
      return pinnedReferences(parseComposeSource(content.source));
    case 'amended': {
      const { base } = parseAmendedSource(content.source);
      return sourceReferences(base.format, { ...content, source: Buffer.from(base.source, 'utf8') });
    }
  }
}
