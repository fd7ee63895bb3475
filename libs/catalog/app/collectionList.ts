import type { ContentItem } from '@waybill/content-store';
import type { CollectedContent, CollectedExport, CollectionList } from '../domain/collection.js';
import type { ContentList } from '../domain/contentOf.js';
import type { CatalogDependencies } from './dependencies.js';
import { exportFiles, type ExportFiles } from './exportFiles.js';
import type { Need } from './need.js';
import type { HeldExport, Holdings } from './needs.js';

/** A version on offer no more whose images stay all the same. */
export interface KeptVersion {
  readonly template: string;
  readonly version: string;
  readonly withdrawn: string;
  /** How many of its images stay: what is shared with others may be less than all. */
  readonly images: { readonly kept: number; readonly of: number };
  /** Sorted, each once. */
  readonly because: readonly string[];
}

const DAY = 86_400_000;

/** Everything in the content store that nothing needs, and what lies there as exported packages for longer than so many days, or of versions on offer no more. */
export async function collectionList(
  { content, clock, exportsDir, runner }: Pick<CatalogDependencies, 'content' | 'clock' | 'exportsDir' | 'runner'>,
  { versions, exports, needs }: Holdings,
  exportDays: number,
): Promise<CollectionList> {
  const needed = keysOf(needs);
  const names = new Map<string, readonly string[]>();
  for (const { template, version, content: own } of versions)
    for (const item of itemsOf(own))
      names.set(keyOfItem(item), [...(names.get(keyOfItem(item)) ?? []), `${template} ${version}`]);
  const found: CollectedContent[] = [];
  const look = (item: ContentItem, size: number) => {
    const key = keyOfItem(item);
    if (!needed.has(key)) found.push({ ...item, size, versions: [...(names.get(key) ?? [])].sort() });
  };
  for await (const { diffId, storedSize } of content.listLayers()) look({ kind: 'layer', digest: diffId }, storedSize);
  for await (const { digest, size } of content.listBlobs()) look({ kind: 'blob', digest }, size);
  const withdrawn = new Set(
    versions.flatMap(({ template, version, withdrawn: why }) => (why === undefined ? [] : [`${template} ${version}`])),
  );
  const oldest = Date.parse(clock.now()) - exportDays * DAY;
  const gone = exports.flatMap((one) => wantedNoMore(one, withdrawn, { oldest, exportDays }));
  return { schema: 1, content: found, exports: await onDisk(exportFiles(exportsDir, runner), exports, gone) };
}

/** What equal packages take together is counted once, and only when the last of them goes. */
async function onDisk(
  files: ExportFiles,
  exports: readonly HeldExport[],
  gone: readonly CollectedExport[],
): Promise<readonly CollectedExport[]> {
  const going = new Set(gone.map(({ id }) => id));
  const counted = new Set<string | undefined>();
  for (const { id } of exports) if (!going.has(id)) counted.add(await files.sameFile(id));
  const told: CollectedExport[] = [];
  for (const one of gone) {
    const file = await files.sameFile(one.id);
    told.push(counted.has(file) && file !== undefined ? { ...one, size: 0 } : one);
    counted.add(file);
  }
  return told;
}

function wantedNoMore(
  { id, template, version, file: { name, size }, written }: HeldExport,
  withdrawn: ReadonlySet<string>,
  { oldest, exportDays }: { readonly oldest: number; readonly exportDays: number },
): readonly CollectedExport[] {
  const own = `${template} ${version}`;
  if (withdrawn.has(own)) return [{ id, name, size, because: `${own} was withdrawn` }];
  return Date.parse(written) < oldest ? [{ id, name, size, because: `it is older than ${exportDays} days` }] : [];
}

/** What of the withdrawn stays, and why: told by images, since layers are shared by many. */
export function keptVersions({ versions, needs }: Holdings): readonly KeptVersion[] {
  return versions.flatMap(({ template, version, withdrawn, images }) => {
    if (withdrawn === undefined) return [];
    const found = needs.filter(({ blobs }) => images.some((image) => blobs.includes(image)));
    if (found.length === 0) return [];
    const kept = images.filter((image) => found.some(({ blobs }) => blobs.includes(image))).length;
    const because = [...new Set(found.map((need) => need.because))].sort();
    return [{ template, version, withdrawn, images: { kept, of: images.length }, because }];
  });
}

/** Of everything that is needed. */
export const keysOf = (needs: readonly Need[]): ReadonlySet<string> => new Set(needs.flatMap(itemsOf).map(keyOfItem));

export const keyOfItem = ({ kind, digest }: ContentItem): string => `${kind} ${digest}`;

const itemsOf = ({ layers, blobs }: ContentList): readonly ContentItem[] => [
  ...layers.map((digest): ContentItem => ({ kind: 'layer', digest })),
  ...blobs.map((digest): ContentItem => ({ kind: 'blob', digest })),
];
