import type { ContentStore } from '@waybill/content-store';
import { pullImages, type RegistryAccess } from '@waybill/packaging';
import type { Runtime } from '@waybill/runtime';
import type { FetchImages } from './fetchImages.js';

/** Images as their registries have them, for the platform they are wanted for, else for that of the engine. */
export const registryImages =
  (content: Pick<ContentStore, 'layer'>, access: RegistryAccess, runtime: Pick<Runtime, 'engine'>): FetchImages =>
  (wanted, staging, options) =>
    pullImages(wanted, staging, {
      ...options,
      access,
      content,
      platform: async () => {
        const { os, architecture } = await runtime.engine();
        return `${os}/${architecture}`;
      },
    });
