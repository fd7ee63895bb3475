import type { ContentItem } from '@waybill/content-store';
import type { CollectedContent, CollectedExport, CollectionList } from '../domain/collection.js';
import type { ContentList } from '../domain/contentOf.js';
import type { CatalogDependencies } from './dependencies.js';
import type { Need } from './need.js';
import type { HeldExport, Holdings } from './needs.js';

/** A version on offer no more whose images stay all the same. */
export interface KeptVersion {
  readonly template: string;
  readonly version: string;
  readonly withdrawn: string;
  /** Sorted. */
  readonly because: readonly string[];
}

const DAY = 86_400_000;

/** Everything in the content store that nothing needs, and what lies there as exported packages for longer than so many days, or of versions on offer no more. */
export async function collectionList(
  { content, clock }: Pick<CatalogDependencies, 'content' | 'clock'>,
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
  return {
    schema: 1,
    content: found,
    exports: exports.flatMap((one) => wantedNoMore(one, withdrawn, { oldest, exportDays })),
  };
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
  return versions.flatMap(({ template, version, withdrawn, content }) => {
    if (withdrawn === undefined) return [];
    const because = needs.filter(({ blobs }) => content.blobs.some((blob) => blobs.includes(blob)));
    return because.length === 0
      ? []
      : [{ template, version, withdrawn, because: because.map((need) => need.because).sort() }];
  });
}

/** Of everything that is needed. */
export const keysOf = (needs: readonly Need[]): ReadonlySet<string> => new Set(needs.flatMap(itemsOf).map(keyOfItem));

export const keyOfItem = ({ kind, digest }: ContentItem): string => `${kind} ${digest}`;

const itemsOf = ({ layers, blobs }: ContentList): readonly ContentItem[] => [
  ...layers.map((digest): ContentItem => ({ kind: 'layer', digest })),
  ...blobs.map((digest): ContentItem => ({ kind: 'blob', digest })),
];
