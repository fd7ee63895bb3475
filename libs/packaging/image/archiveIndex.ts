import { hexOf, sha256, WaybillError, type Digest } from '@waybill/kernel';
import type { ReadLimits } from '../package.js';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../ram/json.js';
import { linkTarget } from '../tar/entryNames.js';
import type { Found } from './collectEntries.js';
import { imageInvalid, imageJson, listOf, textOf, type JsonFileLimits } from './imageJson.js';
import { limited } from '../limited.js';
import { CONFIG_TYPES, INDEX_TYPES, MANIFEST_TYPES } from './mediaTypes.js';

/** One image as the archive's own index tells it; nothing of it is checked yet. */
export interface ListedImage {
  readonly references: readonly string[];
  /** Names of entries. */
  readonly config: string;
  readonly layers: readonly string[];
}

type Limits = JsonFileLimits & Pick<ReadLimits, 'images' | 'layers'>;

const MAX_NESTING = 4;

/** Images by `manifest.json`, which both genuine forms have; a pure OCI layout has `index.json` only. `undefined`: it is no image archive. */
export function listImages(entries: ReadonlyMap<string, Found>, limits: Limits): readonly ListedImage[] | undefined {
  if (entries.has('manifest.json')) return fromManifestJson(entries, limits);
  if (!entries.has('index.json')) return undefined;
  const read = indexReader(entries, limits);
  return fromIndex(read('index.json'), [], 0, entries, read);
}

/** Reads a file that an index names, each once: indexes that name each other over and over must not be read over and over. */
type ReadIndexed = (name: string) => JsonValue;

function indexReader(entries: ReadonlyMap<string, Found>, limits: Limits): ReadIndexed {
  const known = new Map<string, JsonValue>();
  let count = 0;
  return (name) => {
    limited('The number of images', ++count, limits.images, name);
    const value = known.get(name) ?? imageJson(entries, name, limits, digestIn(name));
    known.set(name, value);
    limited('The number of files that index.json names', known.size, limits.images, name);
    return value;
  };
}

function fromManifestJson(entries: ReadonlyMap<string, Found>, limits: Limits): readonly ListedImage[] {
  const list = imageJson(entries, 'manifest.json', limits);
  if (!isJsonList(list)) throw imageInvalid('manifest.json', 'it is no list');
  limited('The number of images', list.length, limits.images, 'manifest.json');
  return list.map((item) => {
    if (!isJsonObject(item)) throw imageInvalid('manifest.json', 'it lists something that is no image');
    const name = (path: string) => linkTarget('manifest.json', 'hardlink', path);
    return {
      references: listOf(item, 'RepoTags', 'manifest.json'),
      config: name(textOf(item, 'Config', 'manifest.json')),
      layers: listOf(item, 'Layers', 'manifest.json').map(name),
    };
  });
}

function fromIndex(
  index: JsonValue,
  inherited: readonly string[],
  depth: number,
  entries: ReadonlyMap<string, Found>,
  read: ReadIndexed,
): readonly ListedImage[] {
  if (depth > MAX_NESTING) throw imageInvalid('index.json', 'its indexes are nested too deeply');
  if (!isJsonObject(index)) throw imageInvalid('index.json', 'an index is no object');
  const listed = objectsOf(index, 'manifests').filter((descriptor) => !isAttestation(descriptor));
  // A list for many platforms stays whole when only some of them are in the archive.
  const carried = listed.filter((descriptor) => entries.has(blobName(descriptor)));
  if (listed.length > 0 && carried.length === 0)
    throw imageInvalid(inherited[0] ?? 'index.json', 'nothing that its index lists is in the archive');
  return carried.flatMap((descriptor) => {
    const references = [...inherited, ...referencesOf(descriptor)];
    const name = blobName(descriptor);
    const content = read(name);
    const type = typeOf(descriptor, content);
    if (INDEX_TYPES.includes(type)) return fromIndex(content, references, depth + 1, entries, read);
    return MANIFEST_TYPES.includes(type) ? fromManifest(content, name, references) : [];
  });
}

function fromManifest(manifest: JsonValue, name: string, references: readonly string[]): readonly ListedImage[] {
  if (!isJsonObject(manifest)) throw imageInvalid(name, 'it is no object');
  const config = manifest['config'];
  if (config === undefined || !isJsonObject(config)) throw imageInvalid(name, 'it names no configuration');
  // Charts, signatures and the like are manifests with a configuration of their own kind.
  if (!CONFIG_TYPES.includes(textOf(config, 'mediaType', name))) return [];
  return [{ references, config: blobName(config), layers: objectsOf(manifest, 'layers').map(blobName) }];
}

function isAttestation(descriptor: JsonObject): boolean {
  const annotations = descriptor['annotations'];
  const platform = descriptor['platform'];
  return (
    (annotations !== undefined &&
      isJsonObject(annotations) &&
      annotations['vnd.docker.reference.type'] === 'attestation-manifest') ||
    (platform !== undefined && isJsonObject(platform) && platform['os'] === 'unknown')
  );
}

/** containerd writes the full reference; `ref.name` may be a tag only. */
function referencesOf(descriptor: JsonObject): readonly string[] {
  const annotations = descriptor['annotations'];
  if (annotations === undefined || !isJsonObject(annotations)) return [];
  const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
  return typeof name === 'string' ? [name] : [];
}

function typeOf(descriptor: JsonObject, content: JsonValue): string {
  const type = descriptor['mediaType'] ?? (isJsonObject(content) ? content['mediaType'] : undefined);
  return typeof type === 'string' ? type : '';
}

function objectsOf(object: JsonObject, name: string): readonly JsonObject[] {
  const list = object[name] ?? null;
  if (list === null) return [];
  if (!isJsonList(list) || !list.every(isJsonObject))
    throw imageInvalid('index.json', `"${name}" is no list of objects`);
  return list;
}

function blobName(descriptor: JsonObject): string {
  const digest = textOf(descriptor, 'digest', 'index.json');
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw imageInvalid('index.json', `"${digest}" is no digest that is read here`);
  return `blobs/sha256/${hex}`;
}

/** The digest that an entry's name promises, where it promises one: `blobs/sha256/<hex>`, `<hex>.json`, `sha256:<hex>`. */
export function digestIn(name: string): Digest | undefined {
  const hex = /^(?:.*\/)?(?:sha256:)?([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  return hex === undefined ? undefined : (`sha256:${hex}` as Digest);
}

/** @throws WaybillError `package-config-mismatch` */
export function checkName(name: string, bytes: Uint8Array): Digest {
  const actual = sha256(bytes);
  const promised = digestIn(name);
  if (promised !== undefined && hexOf(promised) !== hexOf(actual))
    throw new WaybillError('package-config-mismatch', { name, actual });
  return actual;
}
