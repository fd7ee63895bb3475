import type { ContentStore, Staging } from '@waybill/content-store';
import type { Digest } from '@waybill/kernel';
import { budget } from '../image/budget.js';
import { sameImage } from '../image/readImages.js';
import { defaultLimits, type PackagedImage, type ReadLimits, type WantedImage } from '../package.js';
import { pullImage } from './pullImage.js';
import { openRegistry, type Registry, type RegistryAccess } from './registry.js';
import { registryImage } from './registryImage.js';
import type { Platform } from './registryManifest.js';

/** What a reference meant at its registry. */
export interface RegistryDigest {
  readonly reference: string;
  readonly digest: Digest;
}

/**
 * Reads images from their registries into a staging area, as `pullImage` does, each image once. Layers that the content store or the staging area
 * has are not asked for.
 * @param options.platform of what runs here, where an image does not say for which it is wanted; asked for only when it decides
 * @param options.onProgress gets bytes of layers that came so far
 */
export async function pullImages(
  wanted: readonly WantedImage[],
  staging: Staging,
  options: {
    readonly access: RegistryAccess;
    readonly content: Pick<ContentStore, 'layer'>;
    readonly platform: () => Promise<Platform>;
    readonly limits?: ReadLimits;
    readonly onProgress?: (bytes: number) => void;
  },
): Promise<{ readonly images: readonly PackagedImage[]; readonly digests: readonly RegistryDigest[] }> {
  const { access, content, limits = defaultLimits, onProgress } = options;
  const registries = new Map<string, Registry>();
  const images = new Map<Digest, PackagedImage>();
  const digests: RegistryDigest[] = [];
  let announced = 0;
  let came = 0;
  const spent = budget(limits, () => announced);
  // Held from here as well, since it may be collected meanwhile.
  const stored = async (layer: Digest) => {
    const known = await content.layer(layer);
    return known !== undefined && (await staging.holdLayer(layer)) ? known.size : undefined;
  };
  const staged = async (layer: Digest) => (await staging.layers()).find(({ diffId }) => diffId === layer)?.size;
  for (const { reference, platform } of wanted) {
    const image = registryImage(reference);
    const registry = registries.get(image.registry) ?? openRegistry(image.registry, access);
    registries.set(image.registry, registry);
    const { registryDigest, ...pulled } = await pullImage(registry, image, {
      staging,
      limits,
      budget: spent,
      sizeOf: async (layer) => (await stored(layer)) ?? (await staged(layer)),
      platform: () => (platform === undefined ? options.platform() : Promise.resolve(platform)),
      announce: (count) => (announced += count),
      onBytes: (count) => {
        came += count;
        onProgress?.(came);
      },
    });
    images.set(pulled.config, sameImage(images.get(pulled.config), pulled));
    digests.push({ reference, digest: registryDigest });
  }
  return { images: [...images.values()], digests };
}
