import { hexOf, sha256, type Digest } from '@waybill/kernel';

const HEAD = /^# sha256 of the lines below: ([0-9a-f]{64})$/;
const LINE = /^([0-9a-f]{64}) {2}(\S+)$/;

/** `SHA256SUMS` as `sha256sum -c` reads it. The first line, a comment to that program, tells whether the list itself is sound. */
export function writeChecksums(files: ReadonlyMap<string, Digest>): Buffer {
  const lines = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => `${hexOf(digest)}  ${name}\n`);
  const list = lines.join('');
  return Buffer.from(`# sha256 of the lines below: ${hexOf(sha256(list))}\n${list}`);
}

/** Digests by file name, or `undefined` when the list is not as it was written. */
export function readChecksums(bytes: Uint8Array): ReadonlyMap<string, Digest> | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  const end = text.indexOf('\n');
  const [, expected] = HEAD.exec(text.slice(0, end)) ?? [];
  const list = text.slice(end + 1);
  if (expected === undefined || hexOf(sha256(list)) !== expected || !list.endsWith('\n')) return undefined;
  const files = new Map<string, Digest>();
  for (const line of list.slice(0, -1).split('\n')) {
    const [, hex, name] = LINE.exec(line) ?? [];
    if (hex === undefined || name === undefined || files.has(name)) return undefined;
    files.set(name, `sha256:${hex}` as Digest);
  }
  return files;
}
