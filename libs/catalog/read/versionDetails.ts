import type { ContentStore } from '@waybill/content-store';
import type { Documents } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { missingIn } from '../app/takeContent.js';
import type { ContentList } from '../domain/contentOf.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import { contentOfImages, type ImageList, type ImageListItem } from '../domain/imageList.js';
import { restoredBy, type IncompleteVersion } from './missingContent.js';
import type { SbomEntry } from './sboms.js';
import type { VersionEntry } from './versions.js';

export interface VersionDetails extends Omit<VersionEntry, 'images' | 'imageList' | 'manifest'> {
  readonly manifestDigest: Digest;
  readonly manifest: Manifest;
  readonly images: readonly ImageDetails[];
  /** What the next lower version said otherwise, where there is one. */
  readonly difference?: { readonly from: string; readonly changes: ManifestDifference };
  /** Two empty lists: everything is here. */
  readonly missing: ContentList;
  /** Which package would bring back what is missing. */
  readonly restoredBy?: IncompleteVersion['restoredBy'];
}

export interface ImageDetails {
  readonly config: Digest;
  /** Uncompressed bytes of its layers. */
  readonly bytes: number;
  readonly os: string;
  readonly architecture: string;
  /** Keys of the components that run it; none: it belongs to a part that is only carried. */
  readonly components: readonly string[];
  /** Is all of it in the content store? */
  readonly complete: boolean;
  /** Bills of materials. */
  readonly sboms: readonly Omit<SbomEntry, 'image'>[];
}

export async function detailsOf(
  entry: VersionEntry,
  { before, sboms }: { readonly before: VersionEntry | undefined; readonly sboms: readonly SbomEntry[] },
  documents: Documents,
  content: Pick<ContentStore, 'hasLayer' | 'hasBlob'>,
): Promise<VersionDetails> {
  const { images: _images, imageList, manifest: manifestDigest, ...rest } = entry;
  const manifest = await documents.getJson<Manifest>(manifestDigest);
  const images = await documents.getJson<ImageList>(imageList);
  const { layers, blobs } = contentOfImages(images);
  const missing = await missingIn(content, { layers, blobs: [...blobs, ...sboms.map(({ digest }) => digest)] });
  const complete = missing.layers.length + missing.blobs.length === 0;
  return {
    ...rest,
    manifestDigest,
    manifest,
    images: images.map((image) => imageDetails(image, sboms, manifest, missing)),
    ...(before === undefined
      ? {}
      : {
          difference: {
            from: before.version,
            changes: diffManifests(await documents.getJson<Manifest>(before.manifest), manifest),
          },
        }),
    missing,
    ...(complete ? {} : restoredBy(entry)),
  };
}

function imageDetails(
  { config, bytes, os, architecture, layers }: ImageListItem,
  sboms: readonly SbomEntry[],
  manifest: Manifest,
  missing: ContentList,
): ImageDetails {
  const complete = !missing.blobs.includes(config) && !layers.some(({ diffId }) => missing.layers.includes(diffId));
  const components = manifest.components.filter(({ image }) => image?.config === config).map(({ key }) => key);
  const own = sboms.filter(({ image }) => image === config).map(({ image: _image, ...sbom }) => sbom);
  return { config, bytes, os, architecture, components, complete, sboms: own };
}
