import type { ComposeNeeds, Manifest, PackagedImage, TakenSource } from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';
import type { CatalogDependencies } from './dependencies.js';
import { mustBeOnOffer, loadAddedVersion } from './handling.js';

/** What components of versions in the library bring along: the sources they are made from, by service, and their images. */
export interface TakenComponents {
  readonly sources: Readonly<Record<string, TakenSource>>;
  readonly images: readonly PackagedImage[];
}

/** @throws WaybillError `template-not-found`, `version-not-found`, `version-withdrawn` */
export async function takeComponents(
  { store, documents }: Pick<CatalogDependencies, 'store' | 'documents'>,
  wanted: ComposeNeeds['components'],
): Promise<TakenComponents> {
  const sources: Record<string, TakenSource> = {};
  const images: PackagedImage[] = [];
  for (const { service, from } of wanted) {
    await mustBeOnOffer({ store }, from.template, from.version);
    const { event } = await loadAddedVersion({ store }, from.template, from.version);
    const { manifest, source, sourceFormat: format = 'ram', imageList } = event.data;
    const { components } = await documents.getJson<Manifest>(manifest);
    const config = components.find(({ key }) => key === from.component)?.image?.config;
    const image = (await documents.getJson<ImageList>(imageList)).find((each) => each.config === config);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await documents.get(source));
    sources[service] = { format, source: text, ...(image === undefined ? {} : { image: image.config }) };
    if (image !== undefined) {
      const { os, architecture, layers } = image;
      images.push({ references: [], config: image.config, os, architecture, layers });
    }
  }
  return { sources, images };
}
