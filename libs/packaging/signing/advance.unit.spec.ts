import { describe, expect, it } from 'vitest';
import { testKey } from '../testing/index.js';
import { advanced, mustBeKeyOf } from './advance.js';
import { newPublisher } from './publisher.js';
import { newerChain, rootChain } from './rootChain.js';

const [first, second, third] = [testKey(1), testKey(2), testKey(3)] as const;
const acme = newPublisher('Acme', first);
const stolen = { key: first.publicKey.fingerprint, reason: 'stolen' };
const keysOf = ({ chain }: typeof acme) => chain.keys.map(({ fingerprint }) => fingerprint);

describe('a publisher', () => {
  it('goes over to another key by a root that both sign, and stays who it is', () => {
    const next = advanced(acme, { key: second });
    expect([next.chain.publisher, next.chain.newest.version]).toEqual([acme.chain.publisher, 2]);
    expect([keysOf(next), next.chain.newest.revoked]).toEqual([[second.publicKey.fingerprint], []]);
    expect(newerChain(acme.chain, rootChain(next.roots)).newest.version).toBe(2);
    expect(next.roots[1]?.signatures.map(({ keyid }) => keyid)).toEqual([
      first.publicKey.fingerprint,
      second.publicKey.fingerprint,
    ]);
  });

  it('revokes a key it had, or the one it has for another, and takes no revocation back', () => {
    const later = advanced(advanced(acme, { key: second }), { revoke: stolen });
    expect([keysOf(later), later.chain.newest.revoked]).toEqual([[second.publicKey.fingerprint], [stolen]]);
    const lost = { key: second.publicKey.fingerprint, reason: 'lost' };
    const both = advanced(later, { key: third, revoke: lost });
    expect(keysOf(both)).toEqual([third.publicKey.fingerprint]);
    expect(new Set(both.chain.newest.revoked)).toEqual(new Set([stolen, lost]));
    expect(rootChain(both.roots).newest.version).toBe(4);
  });

  it('does not give up its only key without another', () => {
    expect(() => advanced(acme, { revoke: stolen })).toThrow(
      expect.objectContaining({ code: 'publisher-root-invalid' }),
    );
  });

  it('knows which keys were ever its own', () => {
    const next = advanced(acme, { key: second });
    mustBeKeyOf(next, first.publicKey.fingerprint);
    expect(() => mustBeKeyOf(next, third.publicKey.fingerprint)).toThrow(
      expect.objectContaining({ code: 'publisher-key-unknown' }),
    );
  });
});
