/** One entry of a tar file that a test makes. Everything may be a lie: nothing here checks anything. */
export interface TarFileEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** The type letter of the header; `0` (file) where absent. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  /** Written into the header instead of the content's size. */
  readonly size?: number;
  /** Records of an extended header before this entry. */
  readonly pax?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** A tar file with these entries, the end mark included. The same entries give the same bytes. */
export const tarFile = (entries: readonly TarFileEntry[]): Uint8Array =>
  Buffer.concat([...entries.map(tarEntry), Buffer.alloc(2 * BLOCK)]);

/** The blocks of one entry, for archives that are put together otherwise. */
export function tarEntry(entry: TarFileEntry): Uint8Array {
  const content = Buffer.from(entry.content ?? '');
  const long = Buffer.byteLength(entry.name) > 100 || Buffer.byteLength(entry.link ?? '') > 100;
  const pax = {
    ...(long ? { path: entry.name, ...(entry.link === undefined ? {} : { linkpath: entry.link }) } : {}),
    ...entry.pax,
  };
  const extended = Object.keys(pax).length === 0 ? [] : [tarEntry({ name: 'pax', type: 'x', content: records(pax) })];
  return Buffer.concat([...extended, header(entry, content.length), padded(content)]);
}

function header(entry: TarFileEntry, length: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(entry.name.slice(0, 100), 0, 100, 'utf8');
  block.write(octal(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(entry.size ?? length, 11), 124);
  block.write(octal(1_700_000_000, 11), 136);
  block.write(entry.type ?? '0', 156);
  block.write((entry.link ?? '').slice(0, 100), 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(0x20, 148, 156);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

function records(values: Readonly<Record<string, string>>): Uint8Array {
  return Buffer.concat(
    Object.entries(values).map(([key, value]) => {
      const body = Buffer.byteLength(` ${key}=${value}\n`);
      let length = body + 1;
      while (String(length).length + body !== length) length++;
      return Buffer.from(`${length} ${key}=${value}\n`);
    }),
  );
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

const padded = (content: Uint8Array): Uint8Array =>
  Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
