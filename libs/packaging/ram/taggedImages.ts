import { WaybillError, type Digest } from '@waybill/kernel';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json.js';
import { sourceObject } from './exportedMetadata.js';
import type { ArchivedImage } from '../write/dockerArchive.js';
import type { ManifestComponent } from '../manifest.js';
import type { RamContent } from './ramContent.js';

type Wanted = Pick<RamContent, 'manifest' | 'documents' | 'images'>;

/** Which image goes by which name: of components by their key, of plugins by what the manifest carries of them. Sorted by configuration. */
export function taggedImages(
  source: JsonObject,
  content: Wanted,
): { readonly components: readonly ArchivedImage[]; readonly plugins: readonly ArchivedImage[] } {
  const { components } = content.manifest;
  const named = (names: (component: ManifestComponent) => readonly string[]) =>
    components.flatMap((component) => {
      const { image } = component;
      return image === undefined ? [] : names(component).map((name) => [name, image.config] as const);
    });
  // Another component may go by a key as well: whose key it is goes before.
  const byKey = new Map([...named(({ aliases }) => aliases), ...named(({ key }) => [key])]);
  const componentImage = (component: JsonObject) =>
    ['service_key', 'service_share_uuid', 'service_id']
      .map((field) => byKey.get(textOf(component, field)))
      .find((config) => config !== undefined);
  const plugins = pluginImages(content);
  return {
    components: tagged(objectsOf(source, 'apps'), componentImage, content),
    plugins: tagged(objectsOf(source, 'plugins'), (plugin) => plugins.get(pluginName(plugin)), content),
  };
}

/**
 * The names that the source has for each image, those of components and of plugins together. Sorted; an image that nothing names is not among them.
 * @throws WaybillError `package-metadata-invalid`, `package-image-missing`
 */
export function imageReferences(content: Wanted & Pick<RamContent, 'source'>): ReadonlyMap<Digest, readonly string[]> {
  const { components, plugins } = taggedImages(sourceObject(content.source), content);
  const names = new Map<Digest, Set<string>>();
  for (const { config, references } of [...components, ...plugins])
    names.set(config, new Set([...(names.get(config) ?? []), ...references]));
  return new Map([...names].map(([config, references]) => [config, [...references].sort()]));
}

function tagged(
  parts: readonly JsonObject[],
  imageOf: (part: JsonObject) => Digest | undefined,
  { images }: Wanted,
): readonly ArchivedImage[] {
  const names = new Map<Digest, Set<string>>();
  for (const part of parts) {
    const config = imageOf(part);
    const reference = textOf(part, 'share_image') || textOf(part, 'image');
    if (config === undefined) continue;
    const known = names.get(config) ?? new Set();
    names.set(config, reference === '' ? known : known.add(withTag(reference)));
  }
  return [...names]
    .map(([config, references]) => {
      const diffIds = images.get(config);
      if (diffIds === undefined)
        throw new WaybillError('package-image-missing', { component: config, image: [...references].join(', ') });
      return { config, diffIds, references: [...references].sort() };
    })
    .sort((a, b) => (a.config < b.config ? -1 : 1));
}

/** As engines list an image: with a tag, and without the digest that may stand beside it. */
function withTag(reference: string): string {
  const [named = ''] = reference.split('@');
  return named.lastIndexOf(':') > named.lastIndexOf('/') ? named : `${named}:latest`;
}

/** Carried plugins say which image they are by its configuration. */
function pluginImages({ manifest, documents }: Wanted): ReadonlyMap<string, Digest> {
  const found = new Map<string, Digest>();
  for (const { kind, name, content } of manifest.carried) {
    const bytes = kind === 'plugin' ? documents.get(content) : undefined;
    const image =
      bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as { image?: Digest });
    if (image?.image !== undefined) found.set(name, image.image);
  }
  return found;
}

const pluginName = (plugin: JsonObject): string =>
  textOf(plugin, 'plugin_key') || textOf(plugin, 'plugin_id') || textOf(plugin, 'plugin_name');

const textOf = (object: JsonObject, name: string): string => {
  const value = object[name];
  return typeof value === 'string' ? value : '';
};

function objectsOf(object: JsonObject, name: string): readonly JsonObject[] {
  const list: JsonValue = object[name] ?? [];
  return isJsonList(list) ? list.filter(isJsonObject) : [];
}
