import { digestOf, sha256, type CanonicalValue } from '@waybill/kernel';
import type { EventDigest } from './event.js';

/**
 * Digest of an event's data: SHA-256 of its canonical JSON, or of the bytes themselves. Computed alike before append and after read.
 * @throws WaybillError `not-canonical`
 */
export const eventDigest = (data: CanonicalValue | Uint8Array): EventDigest =>
  data instanceof Uint8Array ? sha256(data) : digestOf(data);
