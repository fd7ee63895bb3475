import { createHash, type Hash } from 'node:crypto';
import type { Brand } from './brand.js';
import { canonicalJson, type CanonicalValue } from './canonicalJson.js';
import { WaybillError } from './errors.js';

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = Brand<`sha256:${string}`, 'Digest'>;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export const sha256 = (bytes: Uint8Array | string): Digest => digestFrom(createHash('sha256').update(bytes));

/** The digest of a value's canonical JSON: the same on every machine and after any store. */
export const digestOf = (value: CanonicalValue): Digest => sha256(canonicalJson(value));

export const digestFrom = (hash: Hash): Digest => `sha256:${hash.digest('hex')}` as Digest;

export const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);

export const isDigest = (text: string): text is Digest => DIGEST.test(text);

/** @throws WaybillError `invalid-digest` */
export function digest(text: string): Digest {
  if (!isDigest(text)) throw new WaybillError('invalid-digest', { text });
  return text;
}
