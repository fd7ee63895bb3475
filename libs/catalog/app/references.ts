import type { Digest } from '@waybill/kernel';
import { imageReferences, parseComposeSource, pinnedReferences, type Manifest } from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';
import type { VersionContent } from '../domain/templateEvents.js';

/** The names by which the author's tools know the images of a version, by configuration. */
export function referencesIn(
  { sourceFormat }: Pick<VersionContent, 'sourceFormat'>,
  {
    source,
    manifest,
    documents,
    images,
  }: {
    readonly source: Uint8Array;
    readonly manifest: Manifest;
    readonly documents: ReadonlyMap<Digest, Uint8Array>;
    readonly images: ImageList;
  },
): ReadonlyMap<Digest, readonly string[]> {
  if (sourceFormat === 'compose') return pinnedReferences(parseComposeSource(source));
  const layers = new Map(images.map(({ config, layers: of }) => [config, of.map(({ diffId }) => diffId)]));
  return imageReferences({ source, manifest, documents, images: layers });
}
