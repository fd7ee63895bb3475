import { WaybillError } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import { BLOCK, isZero, tarHeader } from '../tar/tarHeader.js';
import { fileHead, padding, TAR_END } from '../write/tarBlocks.js';

/** Where a file lies in the package. */
export interface PackedFile {
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

const NAME = /^(?:[a-z0-9]+\/)*[A-Za-z0-9][A-Za-z0-9.-]*$/;

/**
 * Finds the files of a package by their headers alone, without reading what is in them. Only the one form in which they are written is taken,
 * to the last bit: so no bit can be changed without being noticed, and no reader can see something else than another.
 * @throws WaybillError `package-truncated`, `package-damaged`, `package-entry-refused`, `package-duplicate-entry`, `package-limit-exceeded`
 */
export async function scanFiles(
  file: PackageBytes,
  limits: { readonly entries: number },
): Promise<ReadonlyMap<string, PackedFile>> {
  const found = new Map<string, PackedFile>();
  let at = 0;
  let last = 'its first block';
  for (;;) {
    if (at + TAR_END.length > file.size) throw new WaybillError('package-truncated', { file: file.name, where: last });
    const block = await file.read(at, BLOCK);
    if (isZero(block)) break;
    const packed = packedFile(block, at, { file: file.name, where: last });
    const { name, size } = packed;
    if (found.has(name)) throw new WaybillError('package-duplicate-entry', { entry: name });
    if (found.size >= limits.entries)
      throw new WaybillError('package-limit-exceeded', {
        what: 'The number of entries',
        limit: limits.entries,
        entry: name,
      });
    const filling = padding(size);
    at = packed.at + size + filling.length;
    if (at + TAR_END.length > file.size)
      throw new WaybillError('package-truncated', { file: file.name, where: `"${name}"` });
    if (!(await file.read(packed.at + size, filling.length)).equals(filling))
      throw damaged(file.name, packed.at + size, `the bytes that fill the last block of "${name}" are not zero`);
    found.set(name, packed);
    last = `what follows "${name}"`;
  }
  if (file.size !== at + TAR_END.length || !(await file.read(at, TAR_END.length)).equals(TAR_END))
    throw damaged(file.name, at, 'there is data where it must end');
  return found;
}

function packedFile(
  block: Buffer,
  at: number,
  { file, where }: { readonly file: string; readonly where: string },
): PackedFile {
  const header = tarHeader(block);
  if (header === undefined) throw damaged(file, at, `there is no tar header in ${where}`);
  const name = Buffer.from(header.name).toString('utf8');
  const refused = (reason: string) => new WaybillError('package-entry-refused', { entry: name, reason });
  if (header.type !== '0' || header.size === undefined) throw refused('packages of this format hold plain files only.');
  if (!NAME.test(name)) throw refused('no file of a package has such a name.');
  if (!fileHead(name, header.size).equals(block))
    throw damaged(file, at, `the header of "${name}" is not as it was written`);
  return { name, at: at + BLOCK, size: header.size };
}

const damaged = (file: string, at: number, reason: string) =>
  new WaybillError('package-damaged', { file, reason: `${reason} (byte ${at}).`, at });
