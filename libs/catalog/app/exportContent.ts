import { buffer } from 'node:stream/consumers';
import type { RecordedEvent } from '@waybill/event-store';
import { WaybillError, type Digest } from '@waybill/kernel';
import { layersHeldBy, manifestDocuments, type Manifest, type WithdrawnVersion } from '@waybill/packaging';
import { contentOfImages, type ImageList } from '../domain/imageList.js';
import type { ExportRequest } from '../domain/export.js';
import type { ExportBase } from '../domain/exportEvents.js';
import type { VersionImported, VersionPublished } from '../domain/templateEvents.js';
import type { Sbom } from '../domain/sboms.js';
import type { CatalogDependencies } from './dependencies.js';
import { attachedTo } from './sboms.js';
import { loadAddedVersion, withdrawnSoFar } from './handling.js';
import { missingIn } from './takeContent.js';

/** What a package of a version is written from, but for its layers. */
export interface ExportContent {
  readonly added: RecordedEvent<VersionPublished | VersionImported>;
  /** Other versions of the template. */
  readonly withdrawn: readonly WithdrawnVersion[];
  readonly manifest: Manifest;
  /** As it came. */
  readonly source: Uint8Array;
  /** Those that the manifest names. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  readonly images: ImageList;
  /** Bills of materials, sorted by image, then digest. */
  readonly sboms: readonly Sbom[];
  /** Configurations of the images, and bills of materials. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Layers that the package is to hold: all, but for those of the base. */
  readonly layers: readonly Digest[];
}

type Sources = Pick<CatalogDependencies, 'store' | 'documents' | 'content'>;

/** @throws WaybillError `version-not-found`, `blob-missing` naming what brings it back, `inventory-invalid` */
export async function exportContent(sources: Sources, request: ExportRequest): Promise<ExportContent> {
  const { documents, content } = sources;
  const { added, images, layers, sboms } = await contentToExport(sources, request);
  const { data } = added.event;
  const manifest = await documents.getJson<Manifest>(data.manifest);
  const withdrawn = await withdrawnSoFar(sources, request.template);
  return {
    added,
    withdrawn: withdrawn.filter(({ version }) => version !== manifest.version),
    manifest,
    images,
    layers,
    sboms,
    source: await documents.get(data.source),
    documents: await mapped(manifestDocuments(manifest), (digest) => documents.get(digest)),
    blobs: await mapped([...images.map(({ config }) => config), ...sboms.map(({ digest }) => digest)], async (digest) =>
      buffer(await content.readBlob(digest)),
    ),
  };
}

/** Is all there that the package needs? Throws as `exportContent`. */
export async function contentToExport(
  sources: Sources,
  { template, version, base }: Pick<ExportRequest, 'template' | 'version' | 'base'>,
): Promise<Pick<ExportContent, 'added' | 'images' | 'layers' | 'sboms'>> {
  const { store, documents, content } = sources;
  const added = await loadAddedVersion({ store }, template, version);
  const images = await documents.getJson<ImageList>(added.event.data.imageList);
  const whole = contentOfImages(images);
  const held = base === undefined ? new Set<Digest>() : await layersOf(sources, template, base);
  const layers = whole.layers.filter((layer) => !held.has(layer));
  const sboms = (await attachedTo({ store }, template)).get(added.event.data.manifest) ?? [];
  const missing = await missingIn(content, {
    layers,
    blobs: [...whole.blobs, ...sboms.map(({ digest }) => digest)],
  });
  const [lost] = [...missing.blobs, ...missing.layers];
  if (lost !== undefined) throw new WaybillError('blob-missing', { digest: lost, packages: carrierOf(added) });
  return { added, images, layers, sboms };
}

/** Layers that whoever gets the package has. */
async function layersOf(
  { store, documents }: Sources,
  template: ExportRequest['template'],
  base: ExportBase,
): Promise<ReadonlySet<Digest>> {
  if ('inventory' in base) return new Set(layersHeldBy(await documents.getJson<unknown>(base.inventory)));
  const { event } = await loadAddedVersion({ store }, template, base.version);
  return new Set(contentOfImages(await documents.getJson<ImageList>(event.data.imageList)).layers);
}

/** Which package would bring back what is missing of the version. */
function carrierOf({ event }: ExportContent['added']): string {
  if (event.type === 'version-imported') return event.data.file.name;
  return `none is known. Version ${event.data.version} was published here; publish it again with its images.`;
}

async function mapped(
  digests: readonly Digest[],
  read: (digest: Digest) => Promise<Uint8Array>,
): Promise<ReadonlyMap<Digest, Uint8Array>> {
  const found = new Map<Digest, Uint8Array>();
  for (const digest of digests) found.set(digest, await read(digest));
  return found;
}
