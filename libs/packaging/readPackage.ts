import type { Staging } from '@waybill/content-store';
import { openPackage, type PackageFile } from './file/packageBytes.js';
import type { InspectedRam } from './package.js';
import { readRamPackage } from './ram/readRamPackage.js';
import { isWaybillFormat } from './waybill/isWaybillFormat.js';
import { readWaybillPackage, type InspectedWaybill, type ReadWaybillOptions } from './waybill/readWaybillPackage.js';

/** What a package of any format was found to be. */
export type InspectedPackage = InspectedRam | InspectedWaybill;

/** `onSigner` is asked for the formats that can be signed. */
export type ReadPackageOptions = ReadWaybillOptions;

/**
 * Reads a package of whatever format its first bytes say it is: an uncompressed tar that begins with `waybill.json` is of the `waybill` format, all
 * else is for the reader of `ram` packages to read or to call by its name. Parts are read as one, and never put together. On failure the caller discards
 * the staging area.
 * @throws WaybillError as `readRamPackage` and `readWaybillPackage`
 */
export async function readPackage(
  file: PackageFile,
  staging: Staging,
  options: ReadPackageOptions = {},
): Promise<InspectedPackage> {
  const bytes = await openPackage(file);
  try {
    if (await isWaybillFormat(bytes)) return await readWaybillPackage(bytes, staging, options);
  } finally {
    await bytes.close();
  }
  return readRamPackage(file, staging, options);
}
