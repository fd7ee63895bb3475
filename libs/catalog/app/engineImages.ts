import type { Staging } from '@waybill/content-store';
import { readImageArchive } from '@waybill/packaging';
import type { Runtime } from '@waybill/runtime';
import type { FetchImages } from './fetchImages.js';

/** Images as an engine holds them: streamed straight into the staging area, compressed on the way. */
export const engineImages =
  (runtime: Pick<Runtime, 'saveImages'>): FetchImages =>
  async (references, staging, options) => {
    const saved = await runtime.saveImages(references, (archive) =>
      readImageArchive(archive, compressing(staging), { name: 'The archive of the engine', ...options }),
    );
    if (saved === undefined) return [];
    // An image that was named by its digest stands in the archive without a name.
    const named = (config: string) => references.filter((reference) => saved.ids.get(reference) === config);
    return saved.result.map((image) => ({
      ...image,
      references: [...new Set([...image.references, ...named(image.config)])],
    }));
  };

const compressing = (staging: Staging): Staging => ({
  ...staging,
  putLayer: (bytes, options) => staging.putLayer(bytes, { ...options, compress: true }),
});
