import type { Staging } from '@waybill/content-store';
import type { PackagedImage, ReadLimits, RegistryDigest, WantedImage } from '@waybill/packaging';

export interface FetchedImages {
  readonly images: readonly PackagedImage[];
  /** What the names meant, where a registry was asked. */
  readonly digests?: readonly RegistryDigest[];
}

/**
 * Reads images by their references into a staging area. One that an engine does not have is left out.
 * @throws WaybillError what asking for them throws
 */
export type FetchImages = (
  wanted: readonly WantedImage[],
  staging: Staging,
  options: { readonly limits?: ReadLimits; readonly onProgress?: (bytes: number) => void },
) => Promise<FetchedImages>;
