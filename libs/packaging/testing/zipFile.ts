import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip archive, and what is lied about it. */
export interface ZipFileEntry {
  readonly name: string | Buffer;
  readonly content?: Uint8Array | string;
  readonly method?: number;
  /** Sizes and checksum after the content instead of before it, as those write that do not know them yet. */
  readonly descriptor?: boolean;
  /** Unix mode with its kind; 0100644 or 040755 where absent. */
  readonly mode?: number;
  /** Bits set on top of those that are true. */
  readonly flags?: number;
  readonly zip64?: boolean;
  readonly extra?: Buffer;
  /** What the directory says otherwise; the header keeps to the truth. */
  readonly directory?: Partial<Said>;
  /** What the header says otherwise. */
  readonly header?: Partial<Said>;
  /** What the descriptor says otherwise. */
  readonly after?: Partial<Said>;
  /** Bytes between this entry and the next. */
  readonly gap?: Uint8Array;
}

interface Said {
  readonly name: string | Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
  readonly disk: number;
}

export interface ZipFileEnd {
  readonly before?: Uint8Array;
  readonly comment?: string;
  readonly behind?: Uint8Array;
  /** Write the end of large archives as well. */
  readonly zip64?: boolean;
  /** What the end says otherwise. */
  readonly end?: Partial<{ readonly count: number; readonly size: number; readonly at: number; readonly disk: number }>;
  /** Bytes between the entries and the directory. */
  readonly gap?: Uint8Array;
}

/** The bytes of a zip archive, or of a lie. */
export function zipFile(entries: readonly ZipFileEntry[], more: ZipFileEnd = {}): Buffer {
  const pieces: Buffer[] = [bytesOf(more.before)];
  const records: Buffer[] = [];
  let at = pieces[0]?.length ?? 0;
  for (const entry of entries) {
    const { whole, record } = written(entry, at);
    pieces.push(whole);
    records.push(record);
    at += whole.length;
  }
  pieces.push(bytesOf(more.gap));
  at += pieces.at(-1)?.length ?? 0;
  return Buffer.concat([...pieces, ...records, ending(records, at, more)]);
}

const bytesOf = (content: Uint8Array | string | undefined): Buffer => Buffer.from((content ?? '') as string);

function ending(records: readonly Buffer[], at: number, more: ZipFileEnd): Buffer {
  const size = records.reduce((sum, { length }) => sum + length, 0);
  const end = { count: records.length, size, at, disk: 0, ...more.end };
  const comment = bytesOf(more.comment);
  const here = more.zip64 === true ? { ...end, count: 0xffff, size: 0xffffffff, at: 0xffffffff } : end;
  return Buffer.concat([
    ...(more.zip64 === true ? [end64(end, at + size)] : []),
    fields([4, 0x06054b50], [2, here.disk], [2, 0], [2, here.count], [2, here.count], [4, here.size], [4, here.at]),
    fields([2, comment.length]),
    comment,
    bytesOf(more.behind),
  ]);
}

function written(entry: ZipFileEntry, at: number) {
  const content = bytesOf(entry.content);
  const method = entry.method ?? (content.length === 0 ? 0 : 8);
  const packed = method === 8 ? deflateRawSync(content) : content;
  const truth: Said = {
    name: entry.name,
    flags: flagsOf(entry),
    method,
    crc: crc32(content),
    packed: packed.length,
    size: content.length,
    at,
    disk: 0,
  };
  const later = entry.descriptor === true ? { crc: 0, packed: 0, size: 0 } : {};
  const after = { ...truth, ...entry.after };
  const wide = entry.zip64 === true ? 8 : 4;
  return {
    whole: Buffer.concat([
      header({ ...truth, ...later, ...entry.header }, entry),
      packed,
      entry.descriptor === true
        ? fields([4, 0x08074b50], [4, after.crc], [wide, after.packed], [wide, after.size])
        : Buffer.alloc(0),
      bytesOf(entry.gap),
    ]),
    record: record({ ...truth, ...entry.directory }, entry),
  };
}

const flagsOf = ({ name, descriptor = false, flags = 0 }: ZipFileEntry): number =>
  (descriptor ? 8 : 0) | (typeof name === 'string' && /[^\x20-\x7e]/.test(name) ? 0x800 : 0) | flags;

function header(said: Said, entry: ZipFileEntry): Buffer {
  const [name, extra] = [Buffer.from(said.name as string), extraOf(said, entry)];
  return Buffer.concat([
    fields([4, 0x04034b50], [2, 20], [2, said.flags], [2, said.method], [2, 0], [2, 33]),
    sizes(said, entry),
    fields([2, name.length], [2, extra.length]),
    name,
    extra,
  ]);
}

function record(said: Said, entry: ZipFileEntry): Buffer {
  const [name, extra] = [Buffer.from(said.name as string), extraOf(said, entry)];
  const mode = entry.mode ?? (name.at(-1) === 0x2f ? 0o040755 : 0o100644);
  return Buffer.concat([
    fields([4, 0x02014b50], [2, (3 << 8) | 20], [2, 20], [2, said.flags], [2, said.method], [2, 0], [2, 33]),
    sizes(said, entry),
    fields([2, name.length], [2, extra.length], [2, 0], [2, said.disk], [2, 0], [4, (mode << 16) >>> 0], [4, said.at]),
    name,
    extra,
  ]);
}

const sizes = ({ crc, packed, size }: Said, { zip64 = false }: ZipFileEntry): Buffer =>
  fields([4, crc], [4, zip64 ? 0xffffffff : packed], [4, zip64 ? 0xffffffff : size]);

const extraOf = ({ size, packed }: Said, { zip64 = false, extra }: ZipFileEntry): Buffer =>
  Buffer.concat([zip64 ? fields([2, 1], [2, 16], [8, size], [8, packed]) : Buffer.alloc(0), extra ?? Buffer.alloc(0)]);

const end64 = (end: { count: number; size: number; at: number; disk: number }, at: number): Buffer =>
  Buffer.concat([
    fields(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
      [8, end.count],
      [8, end.count],
      [8, end.size],
      [8, end.at],
    ),
    fields([4, 0x07064b50], [4, 0], [8, at], [4, 1]),
  ]);

/** Little-endian numbers of so many bytes. */
function fields(...numbers: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      if (bytes === 8) field.writeBigUInt64LE(BigInt(value));
      else if (bytes === 4) field.writeUInt32LE(value);
      else field.writeUInt16LE(value);
      return field;
    }),
  );
}
