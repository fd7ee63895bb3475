import { isDigest, sha256, WaybillError, type Digest } from '@waybill/kernel';
import { imageInvalid, parsed, textOf } from '../image/imageJson.js';
import { limited } from '../limited.js';
import { CONFIG_TYPES, INDEX_TYPES, LAYER_TYPES, MANIFEST_TYPES } from '../image/mediaTypes.js';
import type { ReadLimits } from '../package.js';
import { isJsonList, isJsonObject, numberOf, type JsonObject, type JsonValue } from '../ram/json.js';
import type { Registry } from './registry.js';
import type { RegistryImage } from './registryImage.js';
import { wholeBody } from './wholeBody.js';

export interface Descriptor {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** `os/architecture` or `os/architecture/variant`. */
export type Platform = string;

/** What a registry has under a name: one image, or one for each of several platforms. */
export type RegistryManifest =
  | { readonly kind: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: 'index'; readonly images: readonly { readonly digest: Digest; readonly platform: Platform }[] };

/**
 * Asks for a manifest and checks it against its digest.
 * @returns the digest of its bytes beside it: what the registry calls it
 * @throws WaybillError `registry-digest-differs`, `registry-media-type`, `package-image-invalid`, `package-limit-exceeded`, what asking throws
 */
export async function readManifest(
  registry: Registry,
  image: RegistryImage,
  version: RegistryImage['version'],
  limits: ReadLimits,
): Promise<{ readonly manifest: RegistryManifest; readonly digest: Digest }> {
  const { reference } = image;
  const response = await registry.manifest(image, 'tag' in version ? version.tag : version.digest);
  const bytes = await wholeBody(registry, response, limits.jsonBytes, reference);
  const digest = sha256(bytes);
  const expected = 'tag' in version ? response.headers.get('docker-content-digest') : version.digest;
  // Of another kind than ours it cannot be compared with.
  if (expected !== null && isDigest(expected) && expected !== digest)
    throw new WaybillError('registry-digest-differs', {
      image: reference,
      what: 'its manifest',
      expected,
      actual: digest,
    });
  const said = response.headers.get('content-type')?.split(';')[0]?.trim();
  return { manifest: manifestOf(reference, parsed(reference, bytes, limits), said, limits), digest };
}

function manifestOf(
  image: string,
  content: JsonValue,
  said: string | undefined,
  limits: Pick<ReadLimits, 'images' | 'layers'>,
): RegistryManifest {
  if (!isJsonObject(content)) throw imageInvalid(image, 'its manifest is no object');
  const { mediaType } = content;
  const type = typeof mediaType === 'string' ? mediaType : (said ?? '');
  if (INDEX_TYPES.includes(type)) {
    const listed = objectsIn(image, content, 'manifests');
    limited('The number of images', listed.length, limits.images, image);
    return { kind: 'index', images: listed.flatMap((each) => platformImage(image, each)) };
  }
  if (!MANIFEST_TYPES.includes(type)) throw refusedType(image, type);
  const layers = objectsIn(image, content, 'layers');
  limited('The number of layers', layers.length, limits.layers, image);
  const { config } = content;
  if (config === undefined || !isJsonObject(config)) throw imageInvalid(image, 'its manifest names no configuration');
  return {
    kind: 'image',
    config: descriptorOf(image, config, CONFIG_TYPES),
    layers: layers.map((layer) => descriptorOf(image, layer, LAYER_TYPES)),
  };
}

function descriptorOf(image: string, descriptor: JsonObject, types: readonly string[]): Descriptor {
  const type = textOf(descriptor, 'mediaType', image);
  if (!types.includes(type)) throw refusedType(image, type);
  return { digest: digestOf(image, descriptor), size: sizeOf(image, descriptor) };
}

/** Statements about how images were built are listed among them as of an unknown platform. */
function platformImage(image: string, descriptor: JsonObject): readonly { digest: Digest; platform: Platform }[] {
  const { platform, mediaType } = descriptor;
  if (typeof mediaType !== 'string' || !MANIFEST_TYPES.includes(mediaType)) return [];
  if (platform === undefined || !isJsonObject(platform) || platform['os'] === 'unknown') return [];
  const { variant } = platform;
  const parts = [textOf(platform, 'os', image), textOf(platform, 'architecture', image)];
  return [
    {
      digest: digestOf(image, descriptor),
      platform: [...parts, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/'),
    },
  ];
}

function digestOf(image: string, descriptor: JsonObject): Digest {
  const digest = textOf(descriptor, 'digest', image);
  if (!isDigest(digest)) throw imageInvalid(image, `"${digest}" is no digest that is read here`);
  return digest;
}

function sizeOf(image: string, { size }: JsonObject): number {
  const bytes = size === undefined ? undefined : numberOf(size);
  if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0)
    throw imageInvalid(image, 'a size in its manifest is none');
  return bytes;
}

function objectsIn(image: string, content: JsonObject, name: string): readonly JsonObject[] {
  const list = content[name] ?? null;
  if (!isJsonList(list) || !list.every(isJsonObject)) throw imageInvalid(image, `"${name}" is no list of objects`);
  return list;
}

const refusedType = (image: string, type: string) =>
  new WaybillError('registry-media-type', { image, type: type === '' ? 'no type' : type });
