import type { ContentStore } from '@waybill/content-store';
import type { Documents, SqlDatabase } from '@waybill/event-store';
import type { Digest, TemplateKey } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { isNothing, missingIn } from '../app/takeContent.js';
import { contentOf, type ContentList } from '../domain/contentOf.js';
import { contentOfImages, type ImageList } from '../domain/imageList.js';
import { sbomsOf } from './sboms.js';
import { allVersions, type VersionEntry, type VersionPlace } from './versions.js';

/** A version of which content is gone. */
export interface IncompleteVersion {
  readonly template: TemplateKey;
  readonly version: string;
  readonly missing: ContentList;
  /** It was taken away on purpose: the version is on offer no more, and nothing needed it. */
  readonly collected: boolean;
  /** What cannot be done until it is back: an image that no component runs is needed for export only. */
  readonly blocks: readonly ('install' | 'export')[];
  /** The package file that would bring it back; absent: it was published here and must be published again. */
  readonly restoredBy?: { readonly name: string; readonly digest: Digest };
}

type Present = Pick<ContentStore, 'hasLayer' | 'hasBlob'>;

/**
 * Which versions lack content, by template and number. Asks the content store, not a read model: disks are lost without an event.
 * @param part the first `limit` (absent: all) behind a place (absent: from the beginning); what was ever taken away on purpose
 */
export async function incompleteVersions(
  db: SqlDatabase,
  documents: Documents,
  content: Present,
  {
    limit = Infinity,
    after,
    collected = new Set(),
  }: {
    readonly limit?: number;
    readonly after?: VersionPlace | undefined;
    readonly collected?: ReadonlySet<Digest>;
  } = {},
): Promise<readonly IncompleteVersion[]> {
  const incomplete: IncompleteVersion[] = [];
  for (const entry of allVersions(db, after)) {
    if (incomplete.length >= limit) break;
    const { layers, blobs } = contentOfImages(await documents.getJson<ImageList>(entry.imageList));
    const sboms = sbomsOf(db, entry).map(({ digest }) => digest);
    const missing = await missingIn(content, { layers, blobs: [...blobs, ...sboms] });
    if (isNothing(missing)) continue;
    const manifest = await documents.getJson<Manifest>(entry.manifest);
    const installs = isNothing(await missingIn(content, contentOf(manifest)));
    const { template, version, withdrawn } = entry;
    const gone = [...missing.layers, ...missing.blobs];
    const blocks = installs ? (['export'] as const) : (['install', 'export'] as const);
    incomplete.push({
      template,
      version,
      missing,
      collected: withdrawn !== undefined && gone.every((digest) => collected.has(digest)),
      blocks,
      ...restoredBy(entry),
    });
  }
  return incomplete;
}

export const restoredBy = ({ origin }: Pick<VersionEntry, 'origin'>): Pick<IncompleteVersion, 'restoredBy'> =>
  origin.kind === 'imported' ? { restoredBy: { name: origin.file.name, digest: origin.file.digest } } : {};
