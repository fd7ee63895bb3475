import type { ContentStore, Staging } from '@waybill/content-store';
import { WaybillError, type Digest } from '@waybill/kernel';
import type { ContentList } from '../domain/contentOf.js';
import type { StoredContent } from '../domain/importEvents.js';

/** Which of these the content store lacks. */
export async function missingIn(
  content: Pick<ContentStore, 'hasLayer' | 'hasBlob'>,
  need: ContentList,
): Promise<ContentList> {
  return {
    layers: await lacking(need.layers, (digest) => content.hasLayer(digest)),
    blobs: await lacking(need.blobs, (digest) => content.hasBlob(digest)),
  };
}

export const isNothing = ({ layers, blobs }: ContentList): boolean => layers.length === 0 && blobs.length === 0;

/** Is everything that the store lacks in the staging area? */
export async function isStaged(content: ContentStore, staging: Staging, need: ContentList): Promise<boolean> {
  return isNothing(await missingIn(staging, await missingIn(content, need)));
}

/**
 * Takes staged content into the store for good. May be repeated after a crash: what was moved already is left alone.
 * @param isNew layers that were counted as new before a crash may have moved them
 * @throws WaybillError `blob-missing` when something is neither staged nor stored; `conflict` when something was taken away meanwhile
 */
export async function takeContent(
  content: ContentStore,
  staging: Staging,
  need: ContentList,
  isNew: (layer: Digest) => boolean = () => false,
): Promise<StoredContent> {
  const missing = await missingIn(content, need);
  await staging.commit({ layers: missing.layers, blobs: missing.blobs });
  // What was there a moment ago is being collected, and comes back to who asks again: by then the log says that it is needed.
  if (!isNothing(await missingIn(content, need)))
    throw new WaybillError('conflict', { what: 'the content store', attempts: 1 });
  const before = new Set(missing.layers);
  const added = need.layers.filter((layer) => before.has(layer) || isNew(layer));
  const sizes = await Promise.all(added.map(async (layer) => (await content.layer(layer))?.size ?? 0));
  return {
    layers: added.length,
    blobs: missing.blobs.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

async function lacking(digests: readonly Digest[], has: (digest: Digest) => Promise<boolean>) {
  const missing: Digest[] = [];
  for (const digest of digests) if (!(await has(digest))) missing.push(digest);
  return missing;
}
