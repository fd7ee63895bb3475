import { handle, handlingOf, readStream, workingOn, type CommandContext } from '@waybill/event-store';
import {
  advanced,
  mustBeKeyOf,
  type Envelope,
  type KeyFingerprint,
  type Publisher,
  type PublisherId,
  type RevokedKey,
} from '@waybill/packaging';
import { publisherDecider, type OwnPublishers } from '../domain/publisherDecider.js';
import type { PublisherEvent } from '../domain/publisherEvents.js';
import { publisherSerde } from '../domain/serde.js';
import { PUBLISHER_STREAM } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';
import { asDocument } from './inspection.js';

/** Who signs here. */
export interface PublisherView {
  readonly publisher: PublisherId;
  readonly name: string;
  /** Number of the newest root. */
  readonly root: number;
  /** The key that signs here. */
  readonly key: KeyFingerprint;
  /** All whose signatures count. */
  readonly keys: readonly KeyFingerprint[];
  readonly revoked: readonly RevokedKey[];
  /** As they travel: what `waybill trust add` takes. */
  readonly roots: readonly Envelope[];
}

export const viewPublisher = ({ chain, roots, key }: Publisher): PublisherView => ({
  publisher: chain.publisher,
  name: chain.newest.publisher,
  root: chain.newest.version,
  key: key.publicKey.fingerprint,
  keys: chain.keys.map(({ fingerprint }) => fingerprint),
  revoked: chain.newest.revoked,
  roots,
});

export interface AdvancedPublisher {
  /** Of a dry run: as it is before. */
  readonly publisher: PublisherView;
  /** Did it change anything, or would it? */
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * Gives this server another key. The key is on the disk before the event names it, and the event is in the log before the files follow it: killed
 * anywhere in between, the next start goes on.
 * @throws WaybillError `signing-key-missing`, `publisher-root-invalid`, `conflict`
 */
export async function rotateKey(deps: CatalogDependencies, context: CommandContext): Promise<AdvancedPublisher> {
  const present = await newestHere(deps, context);
  const { publisher, newest } = present.chain;
  const before = present.key.publicKey.fingerprint;
  return advance(deps, context, async () => {
    const key = await deps.publisherKeys.keyFor(newest.version + 1);
    const next = advanced(present, { key });
    const roots = await deps.documents.putJson(asDocument(next.roots));
    const root = next.chain.newest.version;
    return {
      type: 'publisher-key-rotated',
      data: { publisher, root, roots, key: key.publicKey.fingerprint, before },
    };
  });
}

/**
 * Lets no signature of a key of this publisher count any more, wherever its later packages come to. The key that signs here gets a successor.
 * @throws WaybillError `publisher-key-unknown`; as `rotateKey`
 */
export async function revokeOwnKey(
  deps: CatalogDependencies,
  revoke: RevokedKey,
  context: CommandContext,
): Promise<AdvancedPublisher> {
  const present = await newestHere(deps, context);
  const { publisher, newest, revoked } = present.chain;
  mustBeKeyOf(present, revoke.key);
  const isOwn = present.key.publicKey.fingerprint === revoke.key;
  return advance(
    deps,
    context,
    async () => {
      const key = isOwn ? await deps.publisherKeys.keyFor(newest.version + 1) : undefined;
      const next = advanced(present, { revoke, ...(key === undefined ? {} : { key }) });
      const roots = await deps.documents.putJson(asDocument(next.roots));
      const root = next.chain.newest.version;
      const successor = key === undefined ? {} : { successor: key.publicKey.fingerprint };
      return { type: 'publisher-key-revoked', data: { publisher, root, roots, ...revoke, ...successor } };
    },
    revoked.has(revoke.key),
  );
}

async function advance(
  deps: CatalogDependencies,
  context: CommandContext,
  eventOf: () => Promise<PublisherEvent>,
  isSo = false,
): Promise<AdvancedPublisher> {
  const { publisher } = deps.publisher().chain;
  const log = await loadOwn(deps, context);
  if (isSo && !log.isRepeated) return { publisher: shown(deps), changed: false, ...log.at };
  if (context.dryRun === true) return { publisher: shown(deps), changed: true, revision: -1n, position: -1n };
  // A command that was carried out before must not be given another key.
  const event = log.isRepeated ? log.event : await eventOf();
  if (event === undefined) throw new Error('a repeated command has an event');
  const command = { type: 'advance-publisher', event } as const;
  const { revision, position } = await handle(handling(workingOn(deps, context)), PUBLISHER_STREAM, command, context);
  await adoptLogged(deps, publisher);
  return { publisher: shown(deps), changed: true, revision, position };
}

async function newestHere(deps: CatalogDependencies, { dryRun }: CommandContext): Promise<Publisher> {
  if (dryRun !== true) await followKeys(deps);
  return deps.publisher();
}

/** Goes over to the newest key: another server that has the same key file may have changed it. @throws WaybillError `signing-key-missing` */
export async function followKeys(deps: CatalogDependencies): Promise<void> {
  const { publisher, newest } = deps.publisher().chain;
  const logged = (await loadOwn(deps)).state.get(publisher);
  if (logged !== undefined && logged.root > newest.version) await adoptLogged(deps, publisher);
}

const shown = (deps: CatalogDependencies): PublisherView => viewPublisher(deps.publisher());

async function adoptLogged(deps: CatalogDependencies, publisher: PublisherId): Promise<void> {
  const newest = (await loggedRoots(deps)).get(publisher);
  if (newest !== undefined) await deps.publisherKeys.adopt(newest);
}

/** The newest roots of each publisher whose keys were changed here, as the log has them. */
export async function loggedRoots({
  store,
  documents,
}: Pick<CatalogDependencies, 'store' | 'documents'>): Promise<ReadonlyMap<PublisherId, readonly Envelope[]>> {
  const found = new Map<PublisherId, readonly Envelope[]>();
  for (const [publisher, { roots }] of (await loadOwn({ store })).state)
    found.set(publisher, await documents.getJson<readonly Envelope[]>(roots));
  return found;
}

async function loadOwn({ store }: Pick<CatalogDependencies, 'store'>, context?: CommandContext) {
  let state: OwnPublishers = publisherDecider.initialState();
  let at = { revision: -1n, position: -1n };
  let event: PublisherEvent | undefined;
  for await (const recorded of readStream(store, publisherSerde, PUBLISHER_STREAM)) {
    state = publisherDecider.evolve(state, recorded.event);
    at = { revision: recorded.revision, position: recorded.position };
    if (recorded.metadata.commandId === context?.commandId) event = recorded.event;
  }
  return { state, at, event, isRepeated: event !== undefined };
}

const handling = handlingOf(publisherSerde, publisherDecider);
