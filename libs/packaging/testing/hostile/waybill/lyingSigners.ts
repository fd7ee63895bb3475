import { rootChain, signRoot, sshSignature, type Envelope, type PublisherRoot } from '../../../signing/index.js';
import { publisherRoot, testKey } from '../../buildWaybillPackage.js';
import type { PackageDescription } from '../../../waybill/description.js';
import { STATEMENT_TYPE, statementOf } from '../../../waybill/statement.js';
import type { HostileCase } from '../soundPackage.js';
import {
  acme,
  acmeKey,
  asJson,
  build,
  contained,
  contentOf,
  replaced,
  rewritten,
  sealedBy,
  signedAnew,
  stranger,
  strangerKey,
  without,
} from './shop.js';

const [second, third] = [testKey(2), testKey(3)];
const first = signRoot(publisherRoot(1, [acmeKey]), [acmeKey]);
const revoking = (key: typeof acmeKey) => [{ key: key.publicKey.fingerprint, reason: 'stolen' }];
const next = (version: number, keys: readonly (typeof acmeKey)[], more: Partial<PublisherRoot> = {}) =>
  publisherRoot(version, keys, more);

/** A package with these roots, signed by `keys`, that calls itself after the last of them. */
const rooted = (
  title: string,
  outcome: string,
  roots: readonly Envelope[],
  keys = [acmeKey],
  version = roots.length,
): HostileCase =>
  contained(title, outcome, (content) => ({
    ...content,
    roots,
    keys,
    description: { ...content.description, publisher: { ...content.description.publisher, root: version } },
  }));

const envelopeOf = (title: string, change: (sealed: Envelope) => object): HostileCase =>
  rewritten(
    title,
    'package-signature-invalid',
    replaced('waybill.dsse.json', (bytes) => asJson(change(JSON.parse(bytes.toString()) as Envelope))),
  );
const sshOf = (title: string, signature: (description: Buffer, before: string) => string): HostileCase =>
  rewritten(
    title,
    'package-signature-invalid',
    replaced('waybill.json.sig', (before, files) =>
      signature(contentOf(files, 'waybill.json'), before.toString('latin1')),
    ),
  );

/** An SSH signature with bytes inside written over. */
function rearmoured(text: string, from: string, to: string): string {
  const block = Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = block.indexOf(from);
  block.write(to, at, 'latin1');
  return `-----BEGIN SSH SIGNATURE-----\n${block.toString('base64').replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`;
}

const other: (description: PackageDescription) => PackageDescription = (description) => ({
  ...description,
  version: '9.9',
});
const parsed = (bytes: Buffer) => JSON.parse(bytes.toString('utf8')) as PackageDescription;

export const lyingSigners: readonly HostileCase[] = [
  contained('nobody signed it', 'package-unsigned', (content) => ({ ...content, keys: [], roots: [] })),
  ['a publisher whom nobody trusts', 'publisher-unknown', () => build({ publisher: stranger })],
  contained('a key that is not the publisher’s', 'package-signature-invalid', (c) => ({ ...c, keys: [strangerKey] })),
  contained('roots without any signature', 'package-signature-invalid', (content) => ({ ...content, keys: [] })),
  contained('signatures without roots', 'publisher-root-invalid', (content) => ({ ...content, roots: [] })),
  contained('roots of another publisher', 'package-signature-invalid', (c) => ({ ...c, roots: stranger.roots })),
  contained('the name of another publisher', 'package-signature-invalid', (content) => ({
    ...content,
    description: { ...content.description, publisher: { ...content.description.publisher, name: 'Bcme' } },
  })),
  rooted('a root that is not there', 'package-signature-invalid', [first], [acmeKey], 2),
  rooted('a gap in the roots', 'publisher-root-invalid', [
    first,
    signRoot(next(3, [acmeKey, second]), [acmeKey, second]),
  ]),
  rooted(
    'a next root that the former keys did not sign',
    'publisher-root-invalid',
    [first, signRoot(next(2, [second]), [second])],
    [second],
  ),
  rooted(
    'a next root that its own keys did not sign',
    'publisher-root-invalid',
    [first, signRoot(next(2, [second]), [acmeKey])],
    [second],
  ),
  rooted(
    'a revocation that is taken back',
    'publisher-root-invalid',
    [
      first,
      signRoot(next(2, [acmeKey], { revoked: revoking(third) }), [acmeKey]),
      signRoot(next(3, [acmeKey]), [acmeKey]),
    ],
    [acmeKey],
  ),
  rooted('a threshold of two reached by one key twice', 'publisher-root-invalid', [
    twice(signRoot(publisherRoot(1, [acmeKey, second], { threshold: 2 }), [acmeKey])),
  ]),
  rooted('a threshold higher than there are keys', 'publisher-root-invalid', [
    signRoot(publisherRoot(1, [acmeKey], { threshold: 2 }), [acmeKey]),
  ]),
  rooted('a root of another type', 'publisher-root-invalid', [
    { ...first, payloadType: 'application/vnd.in-toto+json' },
  ]),
  rooted('a root that revokes its own key', 'publisher-root-invalid', [
    signRoot(publisherRoot(1, [acmeKey], { revoked: revoking(acmeKey) }), [acmeKey]),
  ]),
  rooted('a key that its newest root revokes', 'package-signature-invalid', [
    first,
    signRoot(next(2, [second], { revoked: revoking(acmeKey) }), [acmeKey, second]),
  ]),
  rooted('a key that its newest root does not name any more', 'package-signature-invalid', [
    first,
    signRoot(next(2, [second]), [acmeKey, second]),
  ]),
  rewritten('no SSH signature', 'package-signature-invalid', without('waybill.json.sig')),
  rewritten(
    'a signature left when the roots were taken away',
    'publisher-root-invalid',
    without('publisher/1.root.json'),
  ),
  sshOf('an SSH signature of another key', (bytes) => sshSignature(strangerKey, 'package@waybill', bytes)),
  sshOf('an SSH signature of another file', (bytes) =>
    sshSignature(acmeKey, 'package@waybill', Buffer.concat([bytes, Buffer.from(' ')])),
  ),
  sshOf('an SSH signature for another purpose', (bytes) => sshSignature(acmeKey, 'git', bytes)),
  sshOf('an SSH signature by another hash', (_, before) => rearmoured(before, 'sha512', 'sha256')),
  sshOf('an SSH signature of another kind of key', (_, before) => rearmoured(before, 'ssh-ed25519', 'ecdsa-sha2-')),
  sshOf('an SSH signature that is no such thing', () => 'yes, it was me\n'),
  envelopeOf('a statement of another key', ({ payload, payloadType }) =>
    parsedEnvelope(sealedBy(strangerKey, payloadType, Buffer.from(payload, 'base64'))),
  ),
  envelopeOf('a statement whose type was swapped', (sealed) => ({ ...sealed, payloadType: 'application/json' })),
  envelopeOf('a statement that was signed as another type', ({ payload }) =>
    parsedEnvelope(sealedBy(acmeKey, 'application/json', Buffer.from(payload, 'base64'))),
  ),
  envelopeOf('a statement that nobody signed', (sealed) => ({ ...sealed, signatures: [] })),
  envelopeOf('a signature of somebody else under the publisher’s name', (sealed) => ({
    ...sealed,
    signatures: [{ keyid: acmeKey.publicKey.fingerprint, sig: Buffer.alloc(64, 7).toString('base64') }],
  })),
  envelopeOf('a signature cut short', ({ signatures: [one], ...sealed }) => ({
    ...sealed,
    signatures: [
      {
        ...one,
        sig: Buffer.from(one?.sig ?? '', 'base64')
          .subarray(0, 63)
          .toString('base64'),
      },
    ],
  })),
  envelopeOf('members beside the statement', (sealed) => ({ ...sealed, more: true })),
  rewritten(
    'a statement that is no JSON',
    'package-signature-invalid',
    replaced('waybill.dsse.json', () => '{'),
  ),
  rewritten(
    'a statement about another description',
    'package-signature-invalid',
    replaced('waybill.dsse.json', (_, files) => {
      const bytes = contentOf(files, 'waybill.json');
      return sealedBy(acmeKey, STATEMENT_TYPE, statementOf(parsed(bytes), Buffer.concat([bytes, Buffer.from('\n')])));
    }),
  ),
  rewritten(
    'a statement about this file but another version',
    'package-signature-invalid',
    replaced('waybill.dsse.json', (_, files) => {
      const bytes = contentOf(files, 'waybill.json');
      return sealedBy(acmeKey, STATEMENT_TYPE, statementOf(other(parsed(bytes)), bytes));
    }),
  ),
  rewritten(
    'a description of another version under the signatures of this one',
    'package-signature-invalid',
    replaced('waybill.json', (bytes) => asJson(other(parsed(bytes)))),
  ),
  rewritten(
    'a description signed by a stranger under the publisher’s roots',
    'package-signature-invalid',
    signedAnew((bytes) => bytes, strangerKey),
  ),
];

const parsedEnvelope = (text: string): Envelope => JSON.parse(text) as Envelope;

function twice(sealed: Envelope): Envelope {
  return {
    ...sealed,
    signatures: [...sealed.signatures, ...sealed.signatures.map(({ sig }) => ({ keyid: 'b', sig }))],
  };
}

/** Sound packages of a publisher whom this site knows better than they do. */
export const outdatedSigners = {
  /** Roots known here: a second one that revokes the key. */
  revoked: rootChain([first, signRoot(next(2, [second], { revoked: revoking(acmeKey) }), [acmeKey, second])]),
  /** Roots known here: a second one that replaced the key. */
  replaced: rootChain([first, signRoot(next(2, [second]), [acmeKey, second])]),
  /** What the thief of the key would make: a second root of its own. */
  parted: { keys: [strangerKey], roots: [...acme.roots, signRoot(next(2, [strangerKey]), [acmeKey, strangerKey])] },
} as const;
