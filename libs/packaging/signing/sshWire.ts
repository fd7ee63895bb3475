/** What OpenSSH writes keys and signatures in (RFC 4251 §5): lengths as 32 bits, big endian, each followed by its bytes. */
export const sshString = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes);
  return Buffer.concat([sshNumber(content.length), content]);
};

export function sshNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads what was written in the order it was written; each answers `undefined` where the bytes do not go that far. */
export interface SshReader {
  string(): Buffer | undefined;
  number(): number | undefined;
  bytes(length: number): Buffer | undefined;
  readonly left: number;
}

export function sshReader(content: Buffer): SshReader {
  let at = 0;
  const bytes = (length: number): Buffer | undefined => {
    if (length > content.length - at) return undefined;
    at += length;
    return content.subarray(at - length, at);
  };
  const number = (): number | undefined => bytes(4)?.readUInt32BE(0);
  return {
    bytes,
    number,
    string() {
      const length = number();
      return length === undefined ? undefined : bytes(length);
    },
    get left() {
      return content.length - at;
    },
  };
}
