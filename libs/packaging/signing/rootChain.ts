import { canonicalJson, sha256, WaybillError, type CanonicalValue, type Digest } from '@waybill/kernel';
import { claimedPayload, envelope, openEnvelope, type Envelope } from './envelope.js';
import { parsePublicKey, type KeyFingerprint, type PublicKey } from './publicKey.js';
import { ROOT_TYPE, type PublisherId, type PublisherRoot } from './publisherRoot.js';
import { parseRoot } from './parseRoot.js';
import type { SigningKey } from './signingKey.js';

/** A publisher's roots from the first to the newest known, each signed as it must be. */
export interface RootChain {
  readonly publisher: PublisherId;
  readonly newest: PublisherRoot;
  /** Digest of each root's bytes, the first at 0. */
  readonly digests: readonly Digest[];
  /** Keys whose signature on a package counts now. */
  readonly keys: readonly PublicKey[];
  readonly revoked: ReadonlySet<KeyFingerprint>;
}

/** Signs a root; the next one of a chain with keys of the one before as well. */
export const signRoot = (root: PublisherRoot, keys: readonly SigningKey[]): Envelope =>
  envelope(keys, ROOT_TYPE, Buffer.from(canonicalJson(root as unknown as CanonicalValue)));

/**
 * Checks a publisher's roots, the first one first. That they hang together says nothing of whether the first is to be trusted.
 * @throws WaybillError `publisher-root-invalid`
 */
export function rootChain(envelopes: readonly Envelope[]): RootChain {
  const [first, ...later] = envelopes;
  if (first === undefined) throw refused(1, 'there is none.');
  let chain = begun(first);
  for (const next of later) chain = continued(chain, next);
  return chain;
}

/**
 * The longer of two chains of one publisher.
 * @throws WaybillError `publisher-root-conflict` when they part: then somebody holds keys who should not
 */
export function newerChain(known: RootChain, found: RootChain): RootChain {
  const parted = known.digests.findIndex(
    (digest, index) => index < found.digests.length && digest !== found.digests[index],
  );
  if (parted >= 0)
    throw new WaybillError('publisher-root-conflict', { publisher: known.newest.publisher, version: parted + 1 });
  return found.digests.length > known.digests.length ? found : known;
}

function begun(first: Envelope): RootChain {
  const { root, bytes } = claimed(first, 1);
  const digest = sha256(bytes);
  const chain = { publisher: digest, digests: [digest], ...standing(root) };
  mustBeSigned(first, chain.keys, root.threshold, 1, 'its own keys');
  return chain;
}

function continued(before: RootChain, next: Envelope): RootChain {
  const version = before.newest.version + 1;
  const { root, bytes } = claimed(next, version);
  const now = standing(root);
  for (const key of before.revoked)
    if (!now.revoked.has(key)) throw refused(version, `it takes the revocation of ${key} back.`);
  mustBeSigned(next, before.keys, before.newest.threshold, version, `the keys of root ${version - 1}`);
  mustBeSigned(next, now.keys, root.threshold, version, 'its own keys');
  return { publisher: before.publisher, digests: [...before.digests, sha256(bytes)], ...now };
}

function claimed(from: Envelope, version: number) {
  const bytes = claimedPayload(from, ROOT_TYPE);
  const root = bytes === undefined ? 'it is no publisher root.' : parseRoot(bytes);
  if (typeof root === 'string') throw refused(version, root);
  if (root.version !== version) throw refused(version, `it calls itself number ${root.version}.`);
  return { root, bytes: bytes ?? Buffer.alloc(0) };
}

function standing(newest: PublisherRoot) {
  const revoked = new Set(newest.revoked.map(({ key }) => key));
  const keys = newest.keys.map((line) => parsePublicKey(line, `root ${newest.version}`));
  const both = keys.find(({ fingerprint }) => revoked.has(fingerprint));
  if (both !== undefined) throw refused(newest.version, `${both.fingerprint} is both a key and revoked.`);
  return { newest, keys, revoked };
}

function mustBeSigned(
  by: Envelope,
  keys: readonly PublicKey[],
  threshold: number,
  version: number,
  whose: string,
): void {
  const count = openEnvelope(by, ROOT_TYPE, keys)?.signers.size ?? 0;
  if (count < threshold) throw refused(version, `${count} of ${whose} signed it, ${threshold} must.`);
}

const refused = (version: number, reason: string) => new WaybillError('publisher-root-invalid', { version, reason });
