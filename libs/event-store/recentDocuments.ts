import type { Digest } from '@waybill/kernel';

/** Bytes that are kept of all of them together, and of one at most. */
const KEPT = 8 * 1_048_576;
const LARGEST = 1_048_576;

export interface RecentDocuments {
  /** Not to be changed: the next caller gets the same. */
  get(digest: Digest): Uint8Array | undefined;
  add(digest: Digest, bytes: Uint8Array): void;
}

/** What is in the log under a digest never changes, so the documents that were used last are neither read nor written again. */
export function recentDocuments(kept = KEPT): RecentDocuments {
  // In the order of their last use.
  const documents = new Map<Digest, Uint8Array>();
  let size = 0;
  const remove = (digest: Digest) => {
    size -= documents.get(digest)?.byteLength ?? 0;
    documents.delete(digest);
  };
  return {
    get(digest) {
      const found = documents.get(digest);
      if (found === undefined) return undefined;
      documents.delete(digest);
      documents.set(digest, found);
      return found;
    },
    add(digest, bytes) {
      remove(digest);
      if (bytes.byteLength > Math.min(LARGEST, kept)) return;
      // A copy, which whoever gave the bytes cannot change.
      documents.set(digest, Uint8Array.from(bytes));
      size += bytes.byteLength;
      for (const [oldest] of documents) {
        if (size <= kept) break;
        remove(oldest);
      }
    },
  };
}
