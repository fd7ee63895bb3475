import { WaybillError } from '@waybill/kernel';
import { newerChain, type KeyFingerprint, type PublisherId, type RootChain } from '../signing/index.js';
import type { PackageSigner } from './packageSigner.js';

/** Who is trusted. */
export interface TrustedPublishers {
  readonly chains: ReadonlyMap<PublisherId, RootChain>;
  /** Keys that were revoked here, whatever their publishers say of them, with the reason. */
  readonly revoked: ReadonlyMap<KeyFingerprint, string>;
}

/**
 * Decides by those who are trusted whether a signer is, and gives the newest roots of that publisher, which may be the package's.
 * A key that is revoked by what is known here counts no more, though the package may not know that yet; one that was only replaced still does.
 * @param file what messages call the package
 * @throws WaybillError `package-unsigned`, `publisher-root-conflict`, `publisher-key-revoked`, else `publisher-unknown`
 */
export function trustedChain(signer: PackageSigner, trusted: TrustedPublishers, file: string): RootChain {
  if (signer.kind === 'unsigned') throw new WaybillError('package-unsigned', { file });
  const { publisher, newest } = signer.publisher;
  const known = trusted.chains.get(publisher);
  const chain = known === undefined ? signer.publisher : newerChain(known, signer.publisher);
  const reasons = new Map([
    ...chain.newest.revoked.map(({ key, reason }) => [key, reason] as const),
    ...trusted.revoked,
  ]);
  const revoked = [...signer.keys].filter((key) => reasons.has(key));
  // First of all: a stolen key is not to be accepted by name, either.
  if (revoked.length === signer.keys.size)
    throw new WaybillError('publisher-key-revoked', {
      publisher,
      name: newest.publisher,
      keys: revoked.join(', '),
      reason: revoked.map((key) => reasons.get(key)).join('; '),
    });
  if (known === undefined) throw new WaybillError('publisher-unknown', { publisher, name: newest.publisher, file });
  return chain;
}
