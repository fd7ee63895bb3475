import { WaybillError } from '@waybill/kernel';
import { openPackageBytes } from '../file/packageBytes.js';
import { defaultLimits } from '../package.js';
import { parseRoots, type Envelope } from '../signing/index.js';
import { isWaybillFormat } from './isWaybillFormat.js';
import { openWaybill } from './openWaybill.js';

/** Roots take some hundred bytes each, and there are at most a thousand. */
const MAX_BYTES = 4 * 1024 ** 2;

/**
 * A publisher's roots, out of a file such as `publisher-roots.json` or out of one of its packages.
 * @throws WaybillError `package-not-found`, `publisher-root-invalid`, `package-limit-exceeded`, what opening a package throws
 */
export async function rootsInFile(path: string): Promise<readonly Envelope[]> {
  const bytes = await openPackageBytes(path);
  try {
    if (await isWaybillFormat(bytes)) return (await openWaybill(bytes, defaultLimits)).metadata.roots;
    if (bytes.size > MAX_BYTES)
      throw new WaybillError('package-limit-exceeded', {
        what: 'The size of roots in bytes',
        limit: MAX_BYTES,
        entry: bytes.name,
      });
    return parseRoots(await bytes.read(0, bytes.size), bytes.name);
  } finally {
    await bytes.close();
  }
}
