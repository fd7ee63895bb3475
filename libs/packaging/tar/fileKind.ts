import { looksLikeTar } from './tarHeader.js';

export type FileKind = 'empty' | 'gzip' | 'tar' | 'json' | 'zip' | 'zstd' | 'xz' | 'bzip2' | 'text' | 'other';

/** How many first bytes `fileKind` wants. */
export const KIND_BYTES = 512;

const SIGNATURES: readonly (readonly [FileKind, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** What a file is, told by its first bytes; names say nothing certain. */
export function fileKind(first: Uint8Array): FileKind {
  if (first.length === 0) return 'empty';
  if (looksLikeTar(first)) return 'tar';
  const found = SIGNATURES.find(([, bytes]) => bytes.every((byte, at) => first[at] === byte));
  if (found !== undefined) return found[0];
  const start = Buffer.from(first).toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*[{[]/.test(start)) return 'json';
  return /^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(start) ? 'text' : 'other';
}

/** For messages. */
export const kindInWords: Readonly<Record<FileKind, string>> = {
  empty: 'nothing at all',
  gzip: 'gzip data',
  tar: 'an uncompressed tar archive',
  json: 'JSON text',
  zip: 'a zip archive',
  zstd: 'zstd data',
  xz: 'xz data',
  bzip2: 'bzip2 data',
  text: 'text',
  other: 'unknown data',
};
