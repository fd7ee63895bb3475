import type { PackageBytes } from '../file/packageBytes.js';
import { BLOCK, tarHeader } from '../tar/tarHeader.js';
import { DESCRIPTION } from './names.js';

/** Does the file begin as packages of the `waybill` format do? */
export async function isWaybillFormat(bytes: PackageBytes): Promise<boolean> {
  if (bytes.size < BLOCK) return false;
  const header = tarHeader(await bytes.read(0, BLOCK));
  return header !== undefined && Buffer.from(header.name).toString('latin1') === DESCRIPTION;
}
