import { WaybillError } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import { limited } from '../limited.js';
import { refused } from '../tar/entryNames.js';
import { extraFields } from './extraFields.js';

/** An entry as the directory at the end of a zip archive has it. */
export interface ZipRecord {
  /** As written. */
  readonly name: string;
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: 'stored' | 'deflated';
  readonly crc: number;
  /** Bytes in the file. */
  readonly packedSize: number;
  /** Bytes. */
  readonly size: number;
  /** Of its local header. */
  readonly at: number;
  /** Where the next one, or the directory, begins. */
  readonly end: number;
}

export const HAS_DESCRIPTOR = 1 << 3;
const IS_UTF8 = 1 << 11;
const ENCRYPTED = (1 << 0) | (1 << 6) | (1 << 13);
/** How well it was compressed, a descriptor, UTF-8: nothing else changes how an entry is read. */
const KNOWN_FLAGS = (1 << 1) | (1 << 2) | HAS_DESCRIPTOR | IS_UTF8;

const END = 0x06054b50;
const END_SIZE = 22;
const END_64 = 0x06064b50;
const END_64_SIZE = 56;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_SIZE = 20;
const RECORD = 0x02014b50;
const RECORD_SIZE = 46;
/** Bytes of the directory per entry that is allowed. */
const BYTES_PER_ENTRY = 512;

/**
 * Reads the directory of a zip archive: the entries in the order in which they lie. Two readers must not see two archives in one file, so the entries
 * fill it from the first byte to the directory, one after the other, and the directory ends with it.
 * @throws WaybillError `package-truncated`, `package-damaged`, `package-entry-refused`, `package-limit-exceeded`
 */
export async function readDirectory(
  file: PackageBytes,
  limits: { readonly entries: number },
): Promise<readonly ZipRecord[]> {
  const { count, at, size } = await findDirectory(file);
  limited('The number of entries', count, limits.entries, file.name);
  limited('The size of the directory in bytes', size, limits.entries * BYTES_PER_ENTRY, file.name);
  const bytes = await file.read(at, size);
  const records: Omit<ZipRecord, 'end'>[] = [];
  let from = 0;
  for (let index = 0; index < count; index += 1) {
    const { record, length } = recordAt(bytes, from, file.name, at);
    records.push(record);
    from += length;
  }
  if (from !== size) throw damaged(file.name, at + from, 'its directory does not end where it says');
  records.sort((a, b) => a.at - b.at);
  if ((records[0]?.at ?? at) !== 0) throw damaged(file.name, 0, 'it does not begin with an entry');
  return records.map((record, index) => {
    const end = records[index + 1]?.at ?? at;
    if (end <= record.at) throw refused(record.name, 'it lies where another entry lies.');
    return { ...record, end };
  });
}

interface Place {
  readonly count: number;
  readonly at: number;
  readonly size: number;
}

async function findDirectory(file: PackageBytes): Promise<Place> {
  const endAt = file.size - END_SIZE;
  const end = endAt < 0 ? undefined : await file.read(endAt, END_SIZE);
  if (end?.readUInt32LE(0) !== END) throw await withoutEnd(file);
  if (end.readUInt16LE(20) !== 0) throw damaged(file.name, endAt, 'there is a comment after its end');
  const place = { count: end.readUInt16LE(10), size: end.readUInt32LE(12), at: end.readUInt32LE(16) };
  if (end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0 || end.readUInt16LE(8) !== place.count)
    throw damaged(file.name, endAt, 'it is one part of several');
  const large = await findLarge(file, endAt - LOCATOR_64_SIZE);
  if (large === undefined) return ending(file, place, endAt);
  const agrees =
    [0xffff, large.count].includes(place.count) &&
    [0xffffffff, large.size].includes(place.size) &&
    [0xffffffff, large.at].includes(place.at);
  if (!agrees) throw damaged(file.name, endAt, 'its two ends do not agree');
  return ending(file, large, large.end);
}

function ending(file: PackageBytes, { count, at, size }: Place, end: number): Place {
  if (at + size !== end) throw damaged(file.name, end, 'its directory does not lie right before its end');
  return { count, at, size };
}

/** The end of an archive that is larger than 4 GiB, or written as if it were. */
async function findLarge(
  file: PackageBytes,
  locatorAt: number,
): Promise<(Place & { readonly end: number }) | undefined> {
  if (locatorAt < 0) return undefined;
  const locator = await file.read(locatorAt, LOCATOR_64_SIZE);
  if (locator.readUInt32LE(0) !== LOCATOR_64) return undefined;
  const end = number64(locator, 8, file.name, locatorAt);
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1 || end + END_64_SIZE !== locatorAt)
    throw damaged(file.name, locatorAt, 'its end is not where it says');
  const bytes = await file.read(end, END_64_SIZE);
  const count = number64(bytes, 32, file.name, end);
  const isWhole =
    bytes.readUInt32LE(0) === END_64 &&
    number64(bytes, 4, file.name, end) === END_64_SIZE - 12 &&
    bytes.readUInt32LE(16) === 0 &&
    bytes.readUInt32LE(20) === 0 &&
    number64(bytes, 24, file.name, end) === count;
  if (!isWhole) throw damaged(file.name, end, 'its end cannot be read');
  return { count, size: number64(bytes, 40, file.name, end), at: number64(bytes, 48, file.name, end), end };
}

function recordAt(bytes: Buffer, from: number, file: string, directoryAt: number) {
  const at = directoryAt + from;
  const lengths =
    from + RECORD_SIZE <= bytes.length ? [28, 30, 32].map((offset) => bytes.readUInt16LE(from + offset)) : [];
  const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
  const length = RECORD_SIZE + nameLength + extraLength + commentLength;
  if (lengths.length === 0 || from + length > bytes.length || bytes.readUInt32LE(from) !== RECORD)
    throw damaged(file, at, 'there is no entry where its directory must have one');
  const rawName = bytes.subarray(from + RECORD_SIZE, from + RECORD_SIZE + nameLength);
  const flags = bytes.readUInt16LE(from + 8);
  const name = nameIn(rawName, flags);
  const extra = bytes.subarray(from + RECORD_SIZE + nameLength, from + RECORD_SIZE + nameLength + extraLength);
  checkFlags(name, flags);
  checkKind(name, bytes.readUInt32LE(from + 38));
  if (bytes.readUInt16LE(from + 34) !== 0) throw refused(name, 'it lies in another part of the archive.');
  const { sizes } = extraFields(
    name,
    rawName,
    extra,
    [24, 20, 42].map((offset) => bytes.readUInt32LE(from + offset)),
  );
  const [size = 0, packedSize = 0, headerAt = 0] = sizes;
  const method = methodOf(name, bytes.readUInt16LE(from + 10));
  if (method === 'stored' && size !== packedSize) throw refused(name, 'it has two different sizes.');
  const record = { name, rawName, flags, method, crc: bytes.readUInt32LE(from + 16), packedSize, size, at: headerAt };
  return { record, length };
}

/** Without the mark of UTF-8 a name is of whatever encoding its writer's system had: only ASCII is the same in all of them. */
function nameIn(bytes: Buffer, flags: number): string {
  const shown = bytes.toString('latin1');
  if ((flags & IS_UTF8) === 0 && bytes.some((byte) => byte > 0x7f))
    throw refused(shown, 'it is not said of what encoding its name is.');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused(shown, 'its name is not UTF-8.');
  }
}

function checkFlags(name: string, flags: number): void {
  if ((flags & ENCRYPTED) !== 0) throw refused(name, 'it is encrypted.');
  if ((flags & ~KNOWN_FLAGS) !== 0) throw refused(name, 'it is written in a way that packages are not.');
}

/** Where the writer's system had modes, they stand in the upper half. */
function checkKind(name: string, attributes: number): void {
  const kind = (attributes >>> 16) & 0o170000;
  const isFolder = name.endsWith('/');
  if (kind === 0o120000) throw refused(name, 'links have no place in a package.');
  if (kind !== 0 && kind !== (isFolder ? 0o040000 : 0o100000))
    throw refused(name, 'it is of a kind that packages do not hold.');
}

function methodOf(name: string, method: number): ZipRecord['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  throw refused(name, `it is compressed by method ${String(method)}, which is not read.`);
}

function number64(bytes: Buffer, offset: number, file: string, at: number): number {
  const value = bytes.readBigUInt64LE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(file, at, 'a number in it is too large');
  return Number(value);
}

/** Cut short, or with something behind its end? */
async function withoutEnd(file: PackageBytes): Promise<WaybillError> {
  const length = Math.min(file.size, END_SIZE + 0xffff);
  const tail = await file.read(file.size - length, length);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(END);
  const found = tail.lastIndexOf(mark);
  return found === -1
    ? new WaybillError('package-truncated', { file: file.name, where: 'its entries' })
    : damaged(file.name, file.size - length + found + END_SIZE, 'there is data after its end');
}

export const damaged = (file: string, at: number, reason: string): WaybillError =>
  new WaybillError('package-damaged', { file, reason: `${reason} (byte ${String(at)}).`, at });
