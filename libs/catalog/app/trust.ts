import { handle, handlingOf, stateOf, workingOn, type CommandContext } from '@waybill/event-store';
import { WaybillError, type Digest, type ImportId } from '@waybill/kernel';
import {
  newerChain,
  rootChain,
  type Envelope,
  type KeyFingerprint,
  type PublisherId,
  type RootChain,
  type TrustedPublishers,
} from '@waybill/packaging';
import { trustSerde } from '../domain/serde.js';
import { TRUST_STREAM } from '../domain/streams.js';
import type { Trust } from '../domain/trust.js';
import { trustDecider } from '../domain/trustDecider.js';
import type { KnownRoots } from '../domain/trustEvents.js';
import type { CatalogDependencies } from './dependencies.js';
import { asDocument } from './inspection.js';

type TrustDependencies = Pick<CatalogDependencies, 'store' | 'documents' | 'clock' | 'actor'>;

export interface TrustedPublisherView {
  readonly publisher: PublisherId;
  readonly name: string;
  /** Number of the newest root. */
  readonly root: number;
  /** Whose signatures count. */
  readonly keys: readonly KeyFingerprint[];
  /** Revoked by the publisher. */
  readonly revoked: readonly { readonly key: KeyFingerprint; readonly reason: string }[];
}

/** Whom this site trusts. */
export interface TrustView {
  readonly publishers: readonly TrustedPublisherView[];
  /** Revoked by this site. */
  readonly revoked: readonly { readonly key: KeyFingerprint; readonly reason: string }[];
}

export interface TrustAnswer {
  /** Did it change anything? */
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

export interface AddedPublisher extends TrustAnswer {
  readonly publisher: TrustedPublisherView;
}

export const trustHandling = handlingOf(trustSerde, trustDecider);

const loadTrust = ({ store }: Pick<TrustDependencies, 'store'>): Promise<Trust> =>
  stateOf(store, trustSerde, trustDecider, TRUST_STREAM);

type Reading = Pick<TrustDependencies, 'store' | 'documents'>;

/** Those who are trusted, with their roots, as the log has it now. */
export async function trustedPublishers({ store, documents }: Reading): Promise<TrustedPublishers> {
  const { publishers, revoked } = await loadTrust({ store });
  const known = [...publishers.values()].map(async ({ publisher, roots }) => {
    const chain = rootChain(await documents.getJson<readonly Envelope[]>(roots));
    return [publisher, chain] as const;
  });
  return { chains: new Map(await Promise.all(known)), revoked };
}

export async function viewTrust(reading: Reading): Promise<TrustView> {
  const { chains, revoked } = await trustedPublishers(reading);
  const publishers = [...chains.values()].map(publisherView);
  return {
    publishers: publishers.sort((a, b) => (a.publisher < b.publisher ? -1 : 1)),
    revoked: [...revoked].map(([key, reason]) => ({ key, reason })),
  };
}

const publisherView = ({ publisher, newest, keys }: RootChain): TrustedPublisherView => ({
  publisher,
  name: newest.publisher,
  root: newest.version,
  keys: keys.map(({ fingerprint }) => fingerprint),
  revoked: newest.revoked,
});

/** @returns what the events say of a publisher's roots, whose document is in the log after this */
export async function knownRoots(
  { documents }: Pick<TrustDependencies, 'documents'>,
  { publisher, newest }: RootChain,
  roots: readonly Envelope[],
): Promise<KnownRoots> {
  return { publisher, name: newest.publisher, root: newest.version, roots: await putRoots(documents, roots) };
}

const putRoots = (documents: TrustDependencies['documents'], roots: readonly Envelope[]): Promise<Digest> =>
  documents.putJson(asDocument(roots));

/**
 * Trusts a publisher from now on, or takes newer roots of one who is trusted.
 * @param fingerprint what a person compared with the publisher: the digest of the first root
 * @throws WaybillError `publisher-root-invalid`, `publisher-root-conflict`, `publisher-fingerprint-differs`
 */
export async function addPublisher(
  deps: TrustDependencies,
  { roots, fingerprint }: { readonly roots: readonly Envelope[]; readonly fingerprint: string },
  context: CommandContext,
): Promise<AddedPublisher> {
  const chain = rootChain(roots);
  if (chain.publisher !== fingerprint)
    throw new WaybillError('publisher-fingerprint-differs', { actual: chain.publisher, expected: fingerprint });
  const working = { ...deps, ...workingOn(deps, context) };
  const known = (await trustedPublishers(deps)).chains.get(chain.publisher);
  const newest = known === undefined ? chain : newerChain(known, chain);
  const command = { type: 'add-publisher', known: await knownRoots(working, chain, roots) } as const;
  const { outcome, revision, position } = await handle(trustHandling(working), TRUST_STREAM, command, context);
  return { publisher: publisherView(newest), changed: outcome !== 'nothing', revision, position };
}

/** No signature of that key counts here any more, whatever its publisher says. */
export async function revokeKey(
  deps: TrustDependencies,
  revocation: { readonly key: KeyFingerprint; readonly reason: string },
  context: CommandContext,
): Promise<TrustAnswer> {
  const handling = trustHandling({ ...deps, ...workingOn(deps, context) });
  const { outcome, revision, position } = await handle(
    handling,
    TRUST_STREAM,
    { type: 'revoke-key', revocation },
    context,
  );
  return { changed: outcome !== 'nothing', revision, position };
}

/** Newer roots that came with a package of a publisher who is trusted. @throws WaybillError `publisher-root-conflict` */
export async function advanceRoots(
  deps: TrustDependencies,
  found: { readonly publisher: PublisherId; readonly roots: Digest; readonly import: ImportId },
  context: CommandContext,
): Promise<void> {
  const known = (await trustedPublishers(deps)).chains.get(found.publisher);
  if (known === undefined) return;
  const chain = rootChain(await deps.documents.getJson<readonly Envelope[]>(found.roots));
  if (newerChain(known, chain) === known) return;
  const { publisher, newest } = chain;
  const { roots } = found;
  const named = { publisher, name: newest.publisher, root: newest.version, roots };
  await handle(
    trustHandling(deps),
    TRUST_STREAM,
    { type: 'advance-roots', known: named, import: found.import },
    context,
  );
}
