import type { Staging } from '@waybill/content-store';
import type { PackagedImage, ReadLimits } from '@waybill/packaging';

/**
 * Reads images by their references into a staging area. One that is not there is left out.
 * @throws WaybillError what asking for them throws
 */
export type FetchImages = (
  references: readonly string[],
  staging: Staging,
  options: { readonly limits?: ReadLimits; readonly onProgress?: (bytes: number) => void },
) => Promise<readonly PackagedImage[]>;
