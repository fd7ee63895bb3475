const BLOCK = 512;
const SHORT_NAME = 100;
/** What eleven octal digits hold; larger sizes are written in binary, which GNU tar, Go and Node read alike. */
const OCTAL_SIZE = 8 ** 11;

export const FILE_MODE = 0o644;

/** The two empty blocks at the end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** The header of a file: no times and no owners, so that equal content gives equal bytes. A name longer than 100 bytes goes into an extended header before it. */
export function fileHead(name: string, size: number, mode = FILE_MODE): Buffer {
  return withName(name, (short) => header(short, size, '0', mode));
}

export const folderHead = (name: string): Buffer => withName(`${name}/`, (short) => header(short, 0, '5', 0o755));

/** Zeros that fill the last block of a file. */
export const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

function withName(name: string, head: (short: Buffer) => Buffer): Buffer {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= SHORT_NAME) return head(bytes);
  const record = extendedRecord('path', bytes);
  const extended = header(Buffer.from('pax'), record.length, 'x', FILE_MODE);
  return Buffer.concat([extended, record, padding(record.length), head(bytes.subarray(0, SHORT_NAME))]);
}

/** `LENGTH key=value\n`, where the length counts its own digits. */
function extendedRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length += 1;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

function header(name: Buffer, size: number, type: string, mode: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  if (size < OCTAL_SIZE) block.write(octal(size, 11), 124);
  else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write(octal(0, 11), 136);
  block.write(type, 156);
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
