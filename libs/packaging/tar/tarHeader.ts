/** One 512-byte header block, as it stands. */
export interface TarHeader {
  readonly name: Uint8Array;
  /** Bytes; `undefined` where the field holds no number. */
  readonly size: number | undefined;
  readonly type: string;
  readonly linkName: Uint8Array;
}

export const BLOCK = 512;

/** `undefined`: the block is no header that a genuine writer makes (POSIX ustar or GNU, with a right checksum). */
export function tarHeader(block: Uint8Array): TarHeader | undefined {
  const format = Buffer.from(block.subarray(257, 265)).toString('latin1');
  if (format !== 'ustar\x0000' && format !== 'ustar  \0') return undefined;
  if (numberField(block.subarray(148, 156)) !== checksum(block)) return undefined;
  const name = textField(block.subarray(0, 100));
  const prefix = format === 'ustar\x0000' ? textField(block.subarray(345, 500)) : new Uint8Array(0);
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    size: numberField(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
    linkName: textField(block.subarray(157, 257)),
  };
}

/** Do these first bytes of a file look like a tar archive: a header, or the zeros of an empty one? */
export const looksLikeTar = (first: Uint8Array): boolean =>
  first.length >= BLOCK && (tarHeader(first.subarray(0, BLOCK)) !== undefined || isZero(first.subarray(0, BLOCK)));

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

function checksum(block: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  return sum;
}

function textField(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

/** Octal digits, or a binary number whose first bit is set (sizes from 8 GiB on). */
function numberField(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    // 0xff begins a negative number, which nothing here can be.
    if (first !== 0x80) return undefined;
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const [, octal] = /^ *([0-7]*)[ \0]*$/.exec(Buffer.from(field).toString('latin1')) ?? [];
  return octal === undefined ? undefined : Number.parseInt(octal === '' ? '0' : octal, 8);
}
