import { createHash } from 'node:crypto';
import { digestFrom, type Digest } from '@waybill/kernel';

/** Takes the digests of the parts of what passes by. */
export interface PartHasher {
  update(chunk: Uint8Array): void;
  /** Of all parts; once, at the end. */
  digests(): readonly Digest[];
}

/** @param partSize bytes of each part but the last */
export function partHasher(partSize: number): PartHasher {
  const found: Digest[] = [];
  let hash = createHash('sha256');
  let held = 0;
  const close = () => {
    found.push(digestFrom(hash));
    hash = createHash('sha256');
    held = 0;
  };
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (held === partSize) close();
        const piece = chunk.subarray(at, at + partSize - held);
        hash.update(piece);
        held += piece.length;
        at += piece.length;
      }
    },
    digests() {
      if (held > 0 || found.length === 0) close();
      return found;
    },
  };
}
