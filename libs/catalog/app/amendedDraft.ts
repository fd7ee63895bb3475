import { WaybillError, type Digest } from '@waybill/kernel';
import {
  amendedSourceBytes,
  manifestDocuments,
  mergedChanges,
  parseAmendedSource,
  type AmendedSource,
  type Manifest,
  type PackagedImage,
} from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';
import type { VersionContent } from '../domain/templateEvents.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadAddedVersion } from './handling.js';
import type { DraftSource, PublishSource } from './publishSource.js';
import { referencesIn } from './references.js';

/**
 * The draft of a version that goes on from one in the library, with that one's images.
 * @throws WaybillError `template-not-found`, `version-not-found`, `invalid-request` without a number, or for another template
 */
export async function amendedDraft(
  { store, documents }: Pick<CatalogDependencies, 'store' | 'documents'>,
  from: Extract<PublishSource, { format: 'amended' }>,
  { template, version }: { readonly template?: string; readonly version?: string },
): Promise<DraftSource> {
  if (template !== undefined && template !== from.template)
    throw new WaybillError('invalid-request', {
      reason: `${from.instance.name} is an instance of ${from.template}; what runs there becomes a version of that template, not of ${template}.`,
    });
  if (version === undefined)
    throw new WaybillError('invalid-request', { reason: 'name the number of the version that is published.' });
  const { data } = (await loadAddedVersion({ store }, from.template, from.version)).event;
  const source = await documents.get(data.source);
  const { base, changes: earlier } = baseOf(data, source);
  const changes = mergedChanges(earlier, from.changes);
  return {
    format: 'amended',
    wanted: [],
    components: [],
    images: await libraryImages(documents, data, source),
    document: () => amendedSourceBytes({ schema: 1, base, version, changes }),
  };
}

function baseOf(
  { sourceFormat: format = 'ram' }: VersionContent,
  source: Uint8Array,
): Pick<AmendedSource, 'base' | 'changes'> {
  if (format === 'amended') return parseAmendedSource(source);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source);
  return { base: { format, source: text }, changes: [] };
}

/** Under the names that the source has for them. */
async function libraryImages(
  documents: CatalogDependencies['documents'],
  content: VersionContent,
  source: Uint8Array,
): Promise<readonly PackagedImage[]> {
  const manifest = await documents.getJson<Manifest>(content.manifest);
  const list = await documents.getJson<ImageList>(content.imageList);
  const carried = new Map<Digest, Uint8Array>();
  for (const each of manifestDocuments(manifest)) carried.set(each, await documents.get(each));
  const references = referencesIn(content, { source, manifest, documents: carried, images: list });
  return list.map(({ config, os, architecture, layers }) => ({
    references: references.get(config) ?? [],
    config,
    os,
    architecture,
    layers,
  }));
}
