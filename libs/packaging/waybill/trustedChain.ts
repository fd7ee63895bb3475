import { WaybillError } from '@waybill/kernel';
import { newerChain, type KeyFingerprint, type PublisherId, type RootChain } from '../signing/index.js';
import type { PackageSigner } from './packageSigner.js';

/** A publisher that is trusted. */
export interface TrustedPublisher {
  readonly chain: RootChain;
  /** Keys that were revoked here, whatever the publisher says of them, with the reason. */
  readonly revoked: ReadonlyMap<KeyFingerprint, string>;
}

export type TrustedPublishers = ReadonlyMap<PublisherId, TrustedPublisher>;

/**
 * Decides by those who are trusted whether a signer is, and gives the newest roots of that publisher, which may be the package's.
 * A key that is revoked by what is known here counts no more, though the package may not know that yet; one that was only replaced still does.
 * @param file what messages call the package
 * @throws WaybillError `package-unsigned`, `publisher-unknown`, `publisher-root-conflict`, `publisher-key-revoked`
 */
export function trustedChain(signer: PackageSigner, trusted: TrustedPublishers, file: string): RootChain {
  if (signer.kind === 'unsigned') throw new WaybillError('package-unsigned', { file });
  const { publisher, newest } = signer.publisher;
  const known = trusted.get(publisher);
  if (known === undefined) throw new WaybillError('publisher-unknown', { publisher, name: newest.publisher, file });
  const chain = newerChain(known.chain, signer.publisher);
  const reasons = new Map([...chain.newest.revoked.map(({ key, reason }) => [key, reason] as const), ...known.revoked]);
  const revoked = [...signer.keys].filter((key) => reasons.has(key));
  if (revoked.length === signer.keys.size)
    throw new WaybillError('publisher-key-revoked', {
      publisher,
      name: newest.publisher,
      keys: revoked.join(', '),
      reason: revoked.map((key) => reasons.get(key)).join('; '),
    });
  return chain;
}
