import { hashed, type ContentStore, type Staging, type StoredLayer } from '@waybill/content-store';
import { hasCode, WaybillError, type Digest } from '@waybill/kernel';
import { readImageArchive } from '@waybill/packaging';
import type { Runtime } from '@waybill/runtime';
import type { FetchImages } from './fetchImages.js';

/** Less is compressed in a moment, and layers of so few bytes often have one size. */
const WORTH_SPARING = 1024 ** 2;

/**
 * Images as an engine holds them: streamed straight into the staging area, compressed on the way. The engine tells beforehand which layers will
 * come, and sends them all: one of the size of a layer that is here already is only hashed, since it will be that one. Should it turn out to be
 * another, the engine is asked again, and all is compressed.
 */
export const engineImages =
  (runtime: Pick<Runtime, 'saveImages'>, content: Pick<ContentStore, 'layer'>): FetchImages =>
  async (wanted, staging, options) => {
    const references = wanted.map(({ reference }) => reference);
    const save = (known: (layers: readonly Digest[]) => Promise<readonly StoredLayer[]>) =>
      runtime.saveImages(references, async (archive, layers) =>
        readImageArchive(archive, sparing(staging, await known(layers)), {
          name: 'The archive of the engine',
          ...options,
        }),
      );
    const saved = await save((layers) => storedOf(layers, content)).catch((error: unknown) => {
      if (hasCode(error, 'blob-mismatch')) return save(() => Promise.resolve([]));
      throw error;
    });
    if (saved === undefined) return { images: [] };
    // An image that was named by its digest stands in the archive without a name.
    const named = (config: string) => references.filter((reference) => saved.ids.get(reference) === config);
    const images = saved.result.map((image) => ({
      ...image,
      references: [...new Set([...image.references, ...named(image.config)])],
    }));
    return { images };
  };

async function storedOf(
  diffIds: readonly Digest[],
  content: Pick<ContentStore, 'layer'>,
): Promise<readonly StoredLayer[]> {
  const layers = await Promise.all(diffIds.map((diffId) => content.layer(diffId)));
  return layers.filter((layer) => layer !== undefined).filter(({ size }) => size >= WORTH_SPARING);
}

/** Takes layers into the staging area compressed, but for those that are known. */
const sparing = (staging: Staging, known: readonly StoredLayer[]): Staging => ({
  ...staging,
  async putLayer(bytes, options) {
    const alike = known.filter(({ size }) => size === options?.size);
    const [first] = alike;
    if (first === undefined) return staging.putLayer(bytes, { ...options, compress: true });
    const { digest } = await hashed(bytes, options);
    const layer = alike.find(({ diffId }) => diffId === digest);
    // Held from here as well, since nothing needs it in the store yet.
    if (layer === undefined || !(await staging.holdLayer(digest)))
      throw new WaybillError('blob-mismatch', { expected: first.diffId, actual: digest });
    return { ...layer, digest };
  },
});
