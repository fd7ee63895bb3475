import type { ContentStore } from '@waybill/content-store';
import type { Documents, SqlDatabase } from '@waybill/event-store';
import type { Digest, TemplateKey } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { isNothing, missingIn } from '../app/takeContent.js';
import { contentOf, type ContentList } from '../domain/contentOf.js';
import { allVersions, type VersionEntry } from './versions.js';

/** A version that can be neither installed nor exported until its content is back. */
export interface IncompleteVersion {
  readonly template: TemplateKey;
  readonly version: string;
  readonly missing: ContentList;
  /** The package file that would bring it back; absent: it was published here and must be published again. */
  readonly restoredBy?: { readonly name: string; readonly digest: Digest };
}

/** Which versions lack content, by template and number. Asks the content store, not a read model: disks are lost without an event. */
export async function incompleteVersions(
  db: SqlDatabase,
  documents: Documents,
  content: Pick<ContentStore, 'hasLayer' | 'hasBlob'>,
): Promise<readonly IncompleteVersion[]> {
  const incomplete: IncompleteVersion[] = [];
  for (const entry of allVersions(db)) {
    const missing = await missingIn(content, contentOf(await documents.getJson<Manifest>(entry.manifest)));
    if (!isNothing(missing))
      incomplete.push({ template: entry.template, version: entry.version, missing, ...restoredBy(entry) });
  }
  return incomplete;
}

export const restoredBy = ({ origin }: Pick<VersionEntry, 'origin'>): Pick<IncompleteVersion, 'restoredBy'> =>
  origin.kind === 'imported' ? { restoredBy: { name: origin.file.name, digest: origin.file.digest } } : {};
