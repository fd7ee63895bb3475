import { WaybillError } from '@waybill/kernel';
import type { PublicKey } from './publicKey.js';
import type { Publisher } from './publisher.js';
import type { PublisherRoot, RevokedKey } from './publisherRoot.js';
import { rootChain, signRoot } from './rootChain.js';
import type { SigningKey } from './signingKey.js';

/** What the next root says otherwise: another key for this publisher's own, one key revoked, or both. */
export interface RootChange {
  readonly key?: SigningKey;
  readonly revoke?: RevokedKey;
}

/**
 * The same publisher under its next root, signed by its present key and, where there is one, the key that takes its place.
 * @throws WaybillError `publisher-root-invalid` when those do not suffice: several keys must sign, which are not here
 */
export function advanced({ chain, roots, key: present }: Publisher, { key, revoke }: RootChange): Publisher {
  const { newest } = chain;
  const goes = (one: PublicKey) =>
    one.fingerprint === revoke?.key || (key !== undefined && one.fingerprint === present.publicKey.fingerprint);
  const keys = chain.keys.filter((one) => !goes(one)).map(({ line }) => line);
  const root: PublisherRoot = {
    ...newest,
    version: newest.version + 1,
    keys: [...keys, ...(key === undefined ? [] : [key.publicKey.line])].sort(),
    revoked: [...newest.revoked, ...(revoke === undefined ? [] : [revoke])].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
  const next = [...roots, signRoot(root, key === undefined ? [present] : [present, key])];
  return { chain: rootChain(next), roots: next, key: key ?? present };
}

/** Every key that a root of this publisher ever named. */
export const everyKey = ({ roots }: Pick<Publisher, 'roots'>): readonly PublicKey[] =>
  roots.flatMap((_, index) => rootChain(roots.slice(0, index + 1)).keys);

/** @throws WaybillError `publisher-key-unknown` */
export function mustBeKeyOf(publisher: Pick<Publisher, 'chain' | 'roots'>, key: RevokedKey['key']): void {
  if (everyKey(publisher).some(({ fingerprint }) => fingerprint === key)) return;
  throw new WaybillError('publisher-key-unknown', { key, name: publisher.chain.newest.publisher });
}
