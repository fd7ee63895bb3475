import { Readable } from 'node:stream';
import { hasCode, isWaybillError, WaybillError, type Digest } from '@waybill/kernel';
import type { Staging } from '@waybill/content-store';
import type { Budget } from '../image/budget.js';
import { imageInvalid, parsed } from '../image/imageJson.js';
import { readConfig } from '../image/readImages.js';
import type { PackagedImage, ReadLimits } from '../package.js';
import type { Registry } from './registry.js';
import type { RegistryImage } from './registryImage.js';
import { readManifest, type Descriptor, type Platform, type RegistryManifest } from './registryManifest.js';
import { networkReason, unreachable } from './send.js';

/** An image as a registry had it. */
export interface PulledImage extends PackagedImage {
  /** By this digest the registry knows what the reference meant: of the index where there is one. */
  readonly registryDigest: Digest;
}

export interface Pulling {
  readonly staging: Staging;
  readonly limits: ReadLimits;
  readonly budget: Budget;
  /** Bytes of a layer that is here already, by its diff id. */
  readonly sizeOf: (layer: Digest) => Promise<number | undefined>;
  /** What is run where the index of an image offers several. */
  readonly platform: () => Promise<Platform>;
  /** Told of every layer that is asked for: its bytes as they are to come. */
  readonly announce: (count: number) => void;
  /** Told of every byte that came. */
  readonly onBytes: (count: number) => void;
}

/** A connection may break so often without a byte in between. */
const TRIES = 3;

/**
 * Reads an image into a staging area: its configuration, and the layers that are not here yet, each compared with its digest and with what the
 * configuration says.
 * @throws WaybillError `registry-image-missing`, `registry-denied`, `registry-unreachable`, `registry-insecure`, `registry-credentials-unusable`,
 * `registry-digest-differs`, `registry-media-type`, `registry-platform-missing`, `package-image-invalid`, `package-layer-mismatch`,
 * `package-limit-exceeded`, `package-damaged`, `disk-full`
 */
export async function pullImage(registry: Registry, image: RegistryImage, pulling: Pulling): Promise<PulledImage> {
  const { limits, staging } = pulling;
  const { reference } = image;
  const found = await readManifest(registry, image, image.version, limits);
  const { config, layers } = await oneImage(registry, image, found.manifest, pulling);
  const bytes = await small(registry, image, config, limits.jsonBytes);
  const { os, architecture, diffIds } = readConfig(config.digest, reference, parsed(reference, bytes, limits));
  if (diffIds.length !== layers.length)
    throw imageInvalid(reference, `its configuration has ${diffIds.length} layers, its manifest ${layers.length}`);
  const taken: { readonly diffId: Digest; readonly size: number }[] = [];
  for (const [index, layer] of layers.entries()) {
    const diffId = diffIds[index] ?? layer.digest;
    const size =
      (await pulling.sizeOf(diffId)) ?? (await pullLayer(registry, image, { layer, diffId, index }, pulling));
    taken.push({ diffId, size });
  }
  await staging.putBlob(bytes, { expected: config.digest });
  return {
    references: [reference],
    config: config.digest,
    os,
    architecture,
    layers: taken,
    registryDigest: found.digest,
  };
}

async function oneImage(
  registry: Registry,
  image: RegistryImage,
  manifest: RegistryManifest,
  { limits, platform }: Pulling,
): Promise<Extract<RegistryManifest, { kind: 'image' }>> {
  if (manifest.kind === 'image') return manifest;
  const wanted = await platform();
  const { reference } = image;
  const match = forPlatform(manifest.images, wanted);
  if (match === undefined) {
    const offered = [...new Set(manifest.images.map((each) => each.platform))].join(', ');
    throw new WaybillError('registry-platform-missing', { image: reference, wanted, offered: offered || 'none' });
  }
  const { manifest: one } = await readManifest(registry, image, { digest: match }, limits);
  if (one.kind === 'image') return one;
  throw imageInvalid(reference, 'its index lists another index');
}

/** The very platform, else the one of no variant, else the first of that processor: as engines choose. */
export function forPlatform(
  images: readonly { readonly digest: Digest; readonly platform: Platform }[],
  wanted: Platform,
): Digest | undefined {
  const [os, architecture] = wanted.split('/');
  const alike = images.filter(({ platform }) => `${platform}/`.startsWith(`${os}/${architecture}/`));
  const exact = alike.find(({ platform }) => platform === wanted);
  const plain = alike.find(({ platform }) => platform === `${os}/${architecture}`);
  const [first] = wanted.split('/').length > 2 ? [] : alike;
  return (exact ?? plain ?? first)?.digest;
}

async function pullLayer(
  registry: Registry,
  image: RegistryImage,
  { layer, diffId, index }: { readonly layer: Descriptor; readonly diffId: Digest; readonly index: number },
  { staging, limits, budget, announce, onBytes }: Pulling,
): Promise<number> {
  const { reference } = image;
  announce(layer.size);
  const maxBytes = Math.min(limits.layerBytes, budget.left());
  const staged = await staging
    .putLayer(Readable.from(counted(blobBytes(registry, image, layer), onBytes), { objectMode: false }), {
      maxBytes,
      size: layer.size,
      compress: true,
    })
    .catch((error: unknown) => {
      if (hasCode(error, 'package-limit-exceeded'))
        throw new WaybillError('package-limit-exceeded', {
          what: 'The size of a layer in bytes',
          limit: maxBytes,
          entry: reference,
        });
      throw error;
    });
  budget.spend(staged.size, reference);
  if (staged.digest !== layer.digest)
    throw new WaybillError('registry-digest-differs', {
      image: reference,
      what: `layer ${index}`,
      expected: layer.digest,
      actual: staged.digest,
    });
  if (staged.diffId !== diffId)
    throw new WaybillError('package-layer-mismatch', {
      index,
      image: reference,
      actual: staged.diffId,
      expected: diffId,
    });
  return staged.size;
}

async function small(registry: Registry, image: RegistryImage, blob: Descriptor, limit: number): Promise<Uint8Array> {
  if (blob.size > limit)
    throw new WaybillError('package-limit-exceeded', {
      what: 'The size of a configuration in bytes',
      limit,
      entry: image.reference,
    });
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobBytes(registry, image, blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A blob whose connection may break: it goes on where it was. More than was announced is not read. */
async function* blobBytes(
  registry: Registry,
  image: RegistryImage,
  { digest, size }: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for (let tries = 1; at < size; tries++) {
    try {
      for await (const chunk of await registry.blob(image, digest, at)) {
        at += chunk.length;
        tries = 0;
        if (at > size) throw imageInvalid(image.reference, `the blob ${digest} has more bytes than its manifest says`);
        yield chunk;
      }
      if (at < size && tries >= TRIES) throw unreachable(registry, `the blob ${digest} ends too early`);
    } catch (cause) {
      if (isWaybillError(cause)) throw cause;
      if (tries >= TRIES) throw unreachable(registry, networkReason(cause), cause);
    }
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield chunk;
  }
}
