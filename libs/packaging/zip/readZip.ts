import { crc32 } from 'node:zlib';
import { inflateRaw } from '@waybill/content-store';
import { WaybillError } from '@waybill/kernel';
import { spending, type Budget } from '../image/budget.js';
import { byteSource, type ByteSource } from '../tar/byteSource.js';
import { entryNames, refused } from '../tar/entryNames.js';
import { naming } from '../tar/naming.js';
import type { TarEntry } from '../tar/readTar.js';
import { damaged, HAS_DESCRIPTOR, type ZipRecord } from './directory.js';
import { extraFields } from './extraFields.js';

const HEADER = 0x04034b50;
const HEADER_SIZE = 30;
const DESCRIPTOR = 0x08074b50;

/**
 * Reads the entries of a zip archive in one pass over the file, in the order in which they lie, each compared with what the directory says of it:
 * header, sizes, checksum. What is not taken of an entry before the next one is asked for is passed over, its checksum compared all the same.
 * @param stream the whole file
 * @throws WaybillError `package-truncated`, `package-damaged`, `package-entry-refused`, `package-duplicate-entry`, `package-limit-exceeded`
 */
export async function* readZip(
  stream: AsyncIterable<Uint8Array>,
  file: string,
  records: readonly ZipRecord[],
  { limits, budget }: { readonly limits: { readonly entries: number }; readonly budget: Budget },
): AsyncGenerator<TarEntry, void, undefined> {
  const source = byteSource(stream);
  const named = entryNames(limits);
  try {
    for (const record of records) {
      const kind = record.name.endsWith('/') ? 'directory' : 'file';
      const name = named(record.name, kind);
      if (kind === 'directory' && record.size > 0) throw refused(name, 'it is a directory with content.');
      await expectHeader(source, file, record);
      const bytes = spending(content(source, file, record), budget, name);
      yield { name, kind, size: record.size, bytes };
      while ((await bytes.next()).done !== true);
      await expectDescriptor(source, file, record);
    }
    while ((await source.next(Infinity)) !== undefined);
  } finally {
    await source.close();
  }
}

/** What stands before an entry is the same as what the directory says: some readers go by the one, some by the other. */
async function expectHeader(source: ByteSource, file: string, record: ZipRecord): Promise<void> {
  const { name, rawName, flags } = record;
  const header = Buffer.from(await source.take(HEADER_SIZE));
  if (header.length < HEADER_SIZE || header.readUInt32LE(0) !== HEADER)
    throw damaged(file, record.at, `there is no entry "${name}" where its directory says`);
  const nameHere = await source.take(header.readUInt16LE(26));
  const extra = Buffer.from(await source.take(header.readUInt16LE(28)));
  const method = { stored: 0, deflated: 8 }[record.method];
  if (!rawName.equals(nameHere))
    throw refused(name, `it is called "${Buffer.from(nameHere).toString('utf8')}" as well.`);
  if (header.readUInt16LE(6) !== flags || header.readUInt16LE(8) !== method)
    throw refused(name, 'its header and the directory say different things of it.');
  const { sizes } = extraFields(
    name,
    rawName,
    extra,
    [22, 18].map((offset) => header.readUInt32LE(offset)),
  );
  const stated = [header.readUInt32LE(14), ...sizes];
  const expected = [record.crc, record.size, record.packedSize];
  const isLater = (flags & HAS_DESCRIPTOR) !== 0;
  if (!stated.every((value, index) => value === expected[index] || (isLater && value === 0)))
    throw refused(name, 'its header and the directory say different things of it.');
  if (source.position + record.packedSize > record.end) throw refused(name, 'it reaches into the next entry.');
}

async function* content(
  source: ByteSource,
  file: string,
  { name, method, packedSize, size, crc }: ZipRecord,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = packedSize;
  async function* packed() {
    while (left > 0) {
      const piece = await source.next(left);
      if (piece === undefined) throw new WaybillError('package-truncated', { file, where: `"${name}"` });
      left -= piece.length;
      yield piece;
    }
  }
  let done = 0;
  let sum = 0;
  for await (const piece of method === 'stored' ? packed() : naming(inflateRaw(packed()), file, () => `"${name}"`)) {
    done += piece.length;
    if (done > size) throw refused(name, 'it is larger than it says.');
    sum = crc32(piece, sum);
    yield piece;
  }
  if (done < size) throw refused(name, 'it is smaller than it says.');
  if (sum !== crc) throw damaged(file, source.position, `"${name}" does not have the checksum that stands beside it`);
}

/** Between an entry and the next there is nothing but, where it was promised, its checksum and sizes. */
async function expectDescriptor(source: ByteSource, file: string, record: ZipRecord): Promise<void> {
  const { name, flags, crc, packedSize, size, end } = record;
  const gap = end - source.position;
  if ((flags & HAS_DESCRIPTOR) === 0) {
    if (gap !== 0) throw damaged(file, source.position, `there is data after "${name}" that is no entry`);
    return;
  }
  if (![12, 16, 20, 24].includes(gap))
    throw damaged(file, source.position, `there is data after "${name}" that is no entry`);
  const bytes = Buffer.from(await source.take(gap));
  const isMarked = gap === 16 || gap === 24;
  const plain = isMarked ? bytes.subarray(4) : bytes;
  const isLarge = plain.length === 20;
  const [packedHere, sizeHere] = isLarge
    ? [Number(plain.readBigUInt64LE(4)), Number(plain.readBigUInt64LE(12))]
    : [plain.readUInt32LE(4), plain.readUInt32LE(8)];
  const agrees =
    (!isMarked || bytes.readUInt32LE(0) === DESCRIPTOR) &&
    plain.readUInt32LE(0) === crc &&
    packedHere === packedSize &&
    sizeHere === size;
  if (!agrees) throw refused(name, 'what stands after it and the directory say different things of it.');
}
