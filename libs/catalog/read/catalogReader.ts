import type { ContentStore } from '@waybill/content-store';
import type { Documents, EventStore } from '@waybill/event-store';
import { compareVersions, WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { loadAddedVersion, loadTemplate } from '../app/handling.js';
import { missingIn } from '../app/takeContent.js';
import { contentOf, type ContentList } from '../domain/contentOf.js';
import { manifestOf } from '../domain/comparison.js';
import { versionsIn, withdrawalOf, type KnownVersion, type Template } from '../domain/template.js';
import type { ImageList } from '../domain/imageList.js';

/** A version with all that other contexts need of it. */
export interface CatalogVersion {
  readonly template: TemplateKey;
  readonly version: string;
  readonly manifest: Manifest;
  readonly manifestDigest: Digest;
  /** With their layers; also those of parts that are only carried. */
  readonly images: ImageList;
}

/** The catalog as other contexts see it. Reads the log itself, so it is never behind what was just written. */
export interface CatalogReader {
  /** By the exact text of the number. @throws WaybillError `template-not-found`, `version-not-found` */
  version(template: TemplateKey, version: string): Promise<CatalogVersion>;
  /** Versions on offer, lowest first. @throws WaybillError `template-not-found` */
  versionsOf(template: TemplateKey): Promise<readonly KnownVersion[]>;
  /** Why the version is on offer no more; `undefined`: it is. @throws WaybillError `template-not-found` */
  withdrawalOf(template: TemplateKey, version: string): Promise<string | undefined>;
  /** What the content store lacks to run the components; two empty lists: nothing. */
  missingContent(manifest: Pick<Manifest, 'components'>): Promise<ContentList>;
}

const offered = (template: Template): KnownVersion[] =>
  versionsIn(template).filter(({ manifest }) => withdrawalOf(template, manifest) === undefined);

export function catalogReader(sources: {
  readonly store: EventStore;
  readonly documents: Documents;
  readonly content: Pick<ContentStore, 'hasLayer' | 'hasBlob'>;
}): CatalogReader {
  const { store, documents, content } = sources;
  const registered = async (key: TemplateKey) => {
    const template = await loadTemplate({ store }, key);
    if (template.kind === 'absent') throw new WaybillError('template-not-found', { template: key });
    return template;
  };
  return {
    async version(template, version) {
      const { manifest, imageList } = (await loadAddedVersion({ store }, template, version)).event.data;
      return {
        template,
        version,
        manifest: await documents.getJson<Manifest>(manifest),
        manifestDigest: manifest,
        images: await documents.getJson<ImageList>(imageList),
      };
    },
    versionsOf: async (template) =>
      offered(await registered(template)).sort((a, b) => compareVersions(a.version, b.version)),
    async withdrawalOf(key, version) {
      const template = await registered(key);
      const known = manifestOf(template, version);
      return known === undefined ? undefined : withdrawalOf(template, known.manifest)?.reason;
    },
    missingContent: (manifest) => missingIn(content, contentOf(manifest)),
  };
}
