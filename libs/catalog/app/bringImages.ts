import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Staging } from '@waybill/content-store';
import { WaybillError, type Report } from '@waybill/kernel';
import { readImageArchive, type PackagedImage, type RegistryDigest, type WantedImage } from '@waybill/packaging';
import type { CatalogDependencies } from './dependencies.js';
import { findFile, type FileLocation } from './packageFile.js';

/** Where the images of a version come from: an archive, or by their names from where the server finds them. */
export type ImageOrigin = FileLocation | { readonly kind: 'engine' | 'registry' };

/** Staged images. */
export interface BroughtImages {
  readonly images: readonly PackagedImage[];
  /** What their names meant at the registries that were asked. */
  readonly digests: readonly RegistryDigest[];
}

/** Stages the images of every origin in turn; from an engine or a registry, those that none before it had. */
export async function bringImages(
  deps: CatalogDependencies,
  origins: readonly ImageOrigin[],
  wanted: readonly WantedImage[],
  staging: Staging,
  tell: (report: Report) => void,
): Promise<BroughtImages> {
  const limits = deps.limits === undefined ? {} : { limits: deps.limits };
  const images: PackagedImage[] = [];
  const digests: RegistryDigest[] = [];
  for (const [done, origin] of origins.entries()) {
    const steps = { done, total: origins.length + 1 };
    switch (origin.kind) {
      case 'path':
      case 'upload': {
        const path = await findFile(deps, origin);
        const step = `verifying image archive ${done + 1} of ${origins.length}`;
        const onProgress = (bytes: number, total: number) => tell({ step, steps, bytes, total });
        images.push(...(await readArchive(path, staging, limits, onProgress)));
        break;
      }
      case 'engine':
      case 'registry': {
        const fetch = deps.fetchImages?.[origin.kind];
        if (fetch === undefined)
          throw new WaybillError('invalid-request', { reason: `this server takes no images from the ${origin.kind}.` });
        const known = new Set(images.flatMap((image) => image.references));
        const lacking = wanted.filter(({ reference }) => !known.has(reference));
        const step = `reading images from the ${origin.kind}`;
        const onProgress = (bytes: number) => tell({ step, steps, bytes });
        if (lacking.length === 0) break;
        const fetched = await fetch(lacking, staging, { ...limits, onProgress });
        images.push(...fetched.images);
        digests.push(...(fetched.digests ?? []));
      }
    }
  }
  return { images, digests };
}

async function readArchive(
  path: string,
  staging: Staging,
  limits: Pick<CatalogDependencies, 'limits'>,
  onProgress: (bytes: number, total: number) => void,
): Promise<readonly PackagedImage[]> {
  const { size } = await stat(path);
  const file = createReadStream(path);
  let read = 0;
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      onProgress((read += chunk.byteLength), size);
      done(null, chunk);
    },
  });
  try {
    const [images] = await Promise.all([readImageArchive(counted, staging, limits), pipeline(file, counted)]);
    return images;
  } finally {
    // A reader that gave up early leaves the file open.
    file.destroy();
  }
}
