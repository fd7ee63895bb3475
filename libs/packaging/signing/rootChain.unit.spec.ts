import { describe, expect, it } from 'vitest';
import {
  openEnvelope,
  rootChain,
  newerChain,
  type RootChain,
  signingKeyOf,
  signRoot,
  type Envelope,
  type PublisherRoot,
  type SigningKey,
} from './index.js';
import { envelope } from './envelope.js';
import { ROOT_TYPE } from './publisherRoot.js';

const [a, b, c, stranger] = [1, 2, 3, 4].map((seed) => signingKeyOf(Buffer.alloc(32, seed))) as [
  SigningKey,
  SigningKey,
  SigningKey,
  SigningKey,
];

const root = (version: number, keys: readonly SigningKey[], more: Partial<PublisherRoot> = {}): PublisherRoot => ({
  schema: 1,
  publisher: 'Acme',
  version,
  threshold: 1,
  keys: keys.map(({ publicKey }) => publicKey.line).sort(),
  revoked: [],
  ...more,
});
const first = signRoot(root(1, [a]), [a]);
const revoked = (key: SigningKey) => [{ key: key.publicKey.fingerprint, reason: 'the laptop was stolen' }];
const invalid = (version: number, reason: RegExp): unknown =>
  expect.objectContaining({
    code: 'publisher-root-invalid',
    message: expect.stringMatching(reason) as string,
    details: expect.objectContaining({ version }) as object,
  });

describe('the roots of a publisher', () => {
  it('lead from the first key to the newest', () => {
    const chain = rootChain([
      first,
      signRoot(root(2, [b]), [a, b]),
      signRoot(root(3, [b, c], { threshold: 2 }), [b, c]),
    ]);
    expect(chain.publisher).toBe(chain.digests[0]);
    expect(chain.newest.version).toBe(3);
    expect(chain.keys.map(({ fingerprint }) => fingerprint).sort()).toEqual(
      [b, c].map((key) => key.publicKey.fingerprint).sort(),
    );
  });

  it.each<[string, readonly Envelope[], unknown]>([
    ['no root at all', [], invalid(1, /there is none/)],
    [
      'a first root that only a stranger signed',
      [signRoot(root(1, [a]), [stranger])],
      invalid(1, /0 of its own keys signed it, 1 must/),
    ],
    [
      'a successor that only its own keys signed',
      [first, signRoot(root(2, [b]), [b])],
      invalid(2, /0 of the keys of root 1 signed it/),
    ],
    [
      'a successor that only the old keys signed',
      [first, signRoot(root(2, [b]), [a])],
      invalid(2, /0 of its own keys signed it/),
    ],
    ['a gap in the numbers', [first, signRoot(root(3, [b]), [a, b])], invalid(2, /calls itself number 3/)],
    [
      'a threshold reached by one key twice',
      [signRoot(root(1, [a, b], { threshold: 2 }), [a, a])],
      invalid(1, /1 of its own keys signed it, 2 must/),
    ],
    [
      'a threshold that cannot be reached',
      [signRoot(root(1, [a], { threshold: 2 }), [a])],
      invalid(1, /higher than the number/),
    ],
    ['one key listed twice', [signRoot(root(1, [a, a], { threshold: 2 }), [a, a])], invalid(1, /different keys/)],
    [
      'a revoked key among its keys',
      [signRoot(root(1, [a], { revoked: revoked(a) }), [a])],
      invalid(1, /both a key and revoked/),
    ],
    [
      'a revocation taken back',
      [first, signRoot(root(2, [b], { revoked: revoked(a) }), [a, b]), signRoot(root(3, [b, c]), [b, c])],
      invalid(3, /takes the revocation of SHA256:\S+ back/),
    ],
    ['another type of payload', [envelope([a], 'text/plain', Buffer.from('{}'))], invalid(1, /no publisher root/)],
    ['no JSON', [envelope([a], ROOT_TYPE, Buffer.from('{'))], invalid(1, /no JSON/)],
    [
      'JSON in another spelling',
      [envelope([a], ROOT_TYPE, Buffer.from(JSON.stringify(root(1, [a]), null, 1)))],
      invalid(1, /canonical form/),
    ],
    [
      'members nobody knows',
      [signRoot({ ...root(1, [a]), more: 1 } as PublisherRoot, [a])],
      invalid(1, /not known: more/),
    ],
  ])('are refused for %s', (_, envelopes, error) => {
    expect(() => rootChain(envelopes)).toThrow(error);
  });

  it('may be known here further than a package has them, or the other way round', () => {
    const [short, long] = [rootChain([first]), rootChain([first, signRoot(root(2, [b]), [a, b])])];
    expect(newerChain(short, long)).toBe(long);
    expect(newerChain(long, short)).toBe(long);
  });

  it('that part ways are a conflict, whichever is longer', () => {
    const [one, other] = [b, c].map((key) => rootChain([first, signRoot(root(2, [key]), [a, key])])) as [
      RootChain,
      RootChain,
    ];
    expect(() => newerChain(one, other)).toThrow(expect.objectContaining({ code: 'publisher-root-conflict' }));
  });
});

describe('an envelope', () => {
  const sealed = envelope([a, b], 'text/plain', Buffer.from('content'));

  it('opens for the keys that signed it, whatever its hints say', () => {
    const relabelled = { ...sealed, signatures: sealed.signatures.map(({ sig }) => ({ keyid: 'nobody', sig })) };
    expect(openEnvelope(relabelled, 'text/plain', [a.publicKey, stranger.publicKey])).toEqual({
      payload: Buffer.from('content'),
      signers: new Set([a.publicKey.fingerprint]),
    });
  });

  it.each([
    ['for another type', sealed, 'text/html', [a.publicKey]],
    ['for keys that did not sign', sealed, 'text/plain', [stranger.publicKey]],
    ['with its type swapped', { ...sealed, payloadType: 'text/html' }, 'text/html', [a.publicKey]],
    [
      'with another payload',
      { ...sealed, payload: Buffer.from('contents').toString('base64') },
      'text/plain',
      [a.publicKey],
    ],
    ['with base64 in a second spelling', { ...sealed, payload: 'Y29udGVudB==' }, 'text/plain', [a.publicKey]],
  ])('stays shut %s', (_, found, type, keys) => {
    expect(openEnvelope(found, type, keys)).toBeUndefined();
  });
});
