import type { Digest } from '@waybill/kernel';
import { sourceReferences, type Manifest } from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';
import type { VersionContent } from '../domain/templateEvents.js';

/** The names by which the author's tools know the images of a version, by configuration. */
export function referencesIn(
  { sourceFormat = 'ram' }: Pick<VersionContent, 'sourceFormat'>,
  {
    images,
    ...content
  }: {
    readonly source: Uint8Array;
    readonly manifest: Manifest;
    readonly documents: ReadonlyMap<Digest, Uint8Array>;
    readonly images: ImageList;
  },
): ReadonlyMap<Digest, readonly string[]> {
  const layers = new Map(images.map(({ config, layers: of }) => [config, of.map(({ diffId }) => diffId)]));
  return sourceReferences(sourceFormat, { ...content, images: layers });
}
