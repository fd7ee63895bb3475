import type { ContentStore } from '@waybill/content-store';
import type { Documents } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { missingIn } from '../app/takeContent.js';
import { contentOf, type ContentList } from '../domain/contentOf.js';
import { restoredBy, type IncompleteVersion } from './missingContent.js';
import type { VersionEntry } from './versions.js';

export interface VersionDetails extends Omit<VersionEntry, 'images' | 'manifest'> {
  readonly manifestDigest: Digest;
  readonly manifest: Manifest;
  readonly images: readonly ImageDetails[];
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
  /** Keys of the components that run it. */
  readonly components: readonly string[];
  /** Is all of it in the content store? */
  readonly complete: boolean;
}

export async function detailsOf(
  entry: VersionEntry,
  documents: Documents,
  content: Pick<ContentStore, 'hasLayer' | 'hasBlob'>,
): Promise<VersionDetails> {
  const { images, manifest: manifestDigest, ...rest } = entry;
  const manifest = await documents.getJson<Manifest>(manifestDigest);
  const missing = await missingIn(content, contentOf(manifest));
  const complete = missing.layers.length + missing.blobs.length === 0;
  return {
    ...rest,
    manifestDigest,
    manifest,
    images: images.flatMap((image) => imageDetails(image, manifest, missing)),
    missing,
    ...(complete ? {} : restoredBy(entry)),
  };
}

function imageDetails(
  { config, bytes }: VersionEntry['images'][number],
  manifest: Manifest,
  missing: ContentList,
): readonly ImageDetails[] {
  const users = manifest.components.filter(({ image }) => image?.config === config);
  const image = users[0]?.image;
  // A package may carry images that no component runs.
  if (image === undefined) return [];
  const complete = !missing.blobs.includes(config) && !image.diffIds.some((diffId) => missing.layers.includes(diffId));
  const components = users.map(({ key }) => key);
  return [{ config, bytes, os: image.os, architecture: image.architecture, components, complete }];
}
