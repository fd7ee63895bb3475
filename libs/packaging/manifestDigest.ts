import { digestOf, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';

/**
 * What identifies a version: the digest of its manifest's canonical JSON, the same on every machine.
 * @throws WaybillError `not-canonical` for a manifest that holds fractions or lone surrogates; readers never make one
 */
export const manifestDigest = (manifest: Manifest): Digest => digestOf(manifest as unknown as CanonicalValue);
