import type { KeyFingerprint } from './publicKey.js';
import type { Digest } from '@waybill/kernel';

/** Says whose keys sign a publisher's packages. Each is numbered; number N+1 is signed by the keys of N and by its own, so trust in the first reaches the last. */
export interface PublisherRoot {
  readonly schema: 1;
  /** For people. */
  readonly publisher: string;
  /** From 1 on, without gaps. */
  readonly version: number;
  /** How many different keys must sign the next root. A package needs one. */
  readonly threshold: number;
  /** Public keys as OpenSSH writes them, without comments. Sorted. */
  readonly keys: readonly string[];
  /** Keys that were given up because they may be in wrong hands: no signature of theirs counts any more, whenever it was made. Only grows. Sorted by key. */
  readonly revoked: readonly RevokedKey[];
}

export interface RevokedKey {
  readonly key: KeyFingerprint;
  readonly reason: string;
}

/** Digest of a publisher's first root: names the publisher for good, and is what two people compare before they trust it. */
export type PublisherId = Digest;

export const ROOT_TYPE = 'application/vnd.waybill.publisher-root+json';
