import {
  followUpContext,
  handle,
  handlingOf,
  readStream,
  type Claim,
  type CommandContext,
  type RecordedEvent,
} from '@waybill/event-store';
import { derivedId, type CollectionId, type Digest } from '@waybill/kernel';
import { amountsOf, collectionDecider, type CollectionList, type Collections } from '../domain/collection.js';
import type { CollectionEvent } from '../domain/collectionEvents.js';
import { collectionSerde } from '../domain/serde.js';
import { COLLECTIONS_STREAM, exportStream } from '../domain/streams.js';
import { collectionList, keptVersions, keyOfItem, keysOf, type KeptVersion } from './collectionList.js';
import type { CatalogDependencies } from './dependencies.js';
import { exportFiles } from './exportFiles.js';
import { exportHandling } from './exportHandling.js';
import { asDocument } from './inspection.js';
import { holdings } from './needs.js';

export interface CollectOptions {
  /** Exported packages that were written longer ago go, too. Absent: 30. */
  readonly exportDays?: number;
}

export interface Collection extends Omit<CollectionList, 'schema'> {
  /** Absent: nothing was to be collected, or this was a dry run. */
  readonly collection?: CollectionId;
  /** `checked`: a dry run. */
  readonly outcome: 'collected' | 'nothing' | 'checked';
  /** On disk. */
  readonly bytes: number;
  /** Versions on offer no more whose images stay. */
  readonly kept: readonly KeptVersion[];
  readonly revision: bigint;
  readonly position: bigint;
}

/** Whoever collects claims it: servers that share the content store must not do it at the same time. */
const OPERATION = 'collection';
const EXPORT_DAYS = 30;

/**
 * Takes away what nothing needs any more: content that no version on offer, no instance, no rollback within its instance's retention and no
 * unfinished import needs, and exported packages that are old or withdrawn. What is to go is on record before the first file is touched.
 * @throws WaybillError `claim-held` while another server collects, `store-unavailable`
 */
export async function collectContent(
  deps: CatalogDependencies,
  { exportDays = EXPORT_DAYS }: CollectOptions,
  context: CommandContext,
): Promise<Collection> {
  if (context.dryRun === true) {
    const found = await holdings(deps);
    const list = await collectionList(deps, found, exportDays);
    return { ...answer(list), outcome: 'checked', kept: keptVersions(found), revision: -1n, position: -1n };
  }
  const claim = await deps.claims.acquire(OPERATION);
  try {
    await finishOpen(deps, claim);
    const found = await holdings(deps);
    const kept = keptVersions(found);
    const collection = derivedId('collection', context.commandId) as CollectionId;
    const done = (await load(deps)).state.ended.get(collection);
    if (done === undefined) {
      const list = await collectionList(deps, found, exportDays);
      if (isEmpty(list)) return { ...answer(list), outcome: 'nothing', kept, ...(await load(deps)).at };
      const begun = { collection, list: await put(deps, list), ...amountsOf(list) };
      await handle(handling(deps), COLLECTIONS_STREAM, { type: 'begin-collection', begun }, context);
      await finishOpen(deps, claim);
    }
    const { state, at } = await load(deps);
    const list = state.ended.get(collection)?.list;
    if (list === undefined) throw new Error(`collection ${collection} was ended a moment ago`);
    const collected = await deps.documents.getJson<CollectionList>(list);
    return { ...answer(collected), collection, outcome: 'collected', kept, ...at };
  } finally {
    await claim.release();
  }
}

/** Ends a collection that a server began and did not live to end. Does nothing while another server is at it. */
export async function resumeCollection(deps: CatalogDependencies, signal: AbortSignal): Promise<void> {
  if ((await load(deps)).open === undefined) return;
  const claim = await deps.claims.acquire(OPERATION, { signal });
  try {
    await finishOpen(deps, claim);
  } finally {
    await claim.release();
  }
}

/** May be repeated from any point: what is gone is gone, and what was put aside is decided about anew. */
async function finishOpen(deps: CatalogDependencies, claim: Claim): Promise<void> {
  const { open } = await load(deps);
  if (open?.event.type !== 'collection-begun') return;
  const { collection, list: digest } = open.event.data;
  const list = await deps.documents.getJson<CollectionList>(digest);
  const gone: CollectionList = {
    ...list,
    content: await removeContent(deps, list, claim),
    exports: await removeExports(deps, list, open, claim),
  };
  claim.assertHeld();
  const collected = { collection, list: await put(deps, gone), ...amountsOf(gone) };
  const context = followUpContext(open, `end-collection ${collection}`, deps.actor);
  await handle(handling(deps), COLLECTIONS_STREAM, { type: 'end-collection', collected }, context);
}

/**
 * First aside, where nobody finds it; then the log is read once more. Whoever counts on content says so in the log before looking for it, or looks
 * again afterwards: so it is either seen here, and brought back, or was never counted on.
 */
async function removeContent(
  deps: CatalogDependencies,
  list: CollectionList,
  claim: Claim,
): Promise<CollectionList['content']> {
  const { content } = deps;
  const before = keysOf((await holdings(deps)).needs);
  for (const { kind, digest } of list.content) {
    claim.assertHeld();
    if (!before.has(keyOfItem({ kind, digest }))) await content.aside.put({ kind, digest });
  }
  const now = keysOf((await holdings(deps)).needs);
  for (const item of await content.aside.list()) {
    claim.assertHeld();
    if (now.has(keyOfItem(item))) await content.aside.bringBack(item);
    else await content.aside.remove(item);
  }
  const gone = [];
  for (const item of list.content)
    if (!(await (item.kind === 'layer' ? content.hasLayer(item.digest) : content.hasBlob(item.digest))))
      gone.push(item);
  return gone;
}

async function removeExports(
  deps: CatalogDependencies,
  list: CollectionList,
  open: RecordedEvent<CollectionEvent>,
  claim: Claim,
): Promise<CollectionList['exports']> {
  const files = exportFiles(deps.exportsDir, deps.runner);
  for (const { id } of list.exports) {
    claim.assertHeld();
    const context = followUpContext(open, `remove-export ${id}`, deps.actor);
    await handle(exportHandling(deps), exportStream(id), { type: 'remove-export', export: id }, context);
    await files.remove(id);
  }
  return list.exports;
}

interface Loaded {
  readonly state: Collections;
  readonly open?: RecordedEvent<CollectionEvent>;
  readonly at: Pick<Collection, 'revision' | 'position'>;
}

async function load({ store }: Pick<CatalogDependencies, 'store'>): Promise<Loaded> {
  let state = collectionDecider.initialState();
  let last: RecordedEvent<CollectionEvent> | undefined;
  for await (const recorded of readStream(store, collectionSerde, COLLECTIONS_STREAM)) {
    state = collectionDecider.evolve(state, recorded.event);
    last = recorded;
  }
  return {
    state,
    ...(state.open === undefined || last === undefined ? {} : { open: last }),
    at: { revision: last?.revision ?? -1n, position: last?.position ?? -1n },
  };
}

const handling = handlingOf(collectionSerde, collectionDecider);

const put = ({ documents }: Pick<CatalogDependencies, 'documents'>, list: CollectionList): Promise<Digest> =>
  documents.putJson(asDocument(list));

const isEmpty = ({ content, exports }: CollectionList): boolean => content.length + exports.length === 0;

const answer = (list: CollectionList): Pick<Collection, 'content' | 'exports' | 'bytes'> => ({
  content: list.content,
  exports: list.exports,
  bytes: amountsOf(list).bytes,
});

/** Everything that was ever taken away on purpose. */
export async function collectedSoFar({
  store,
  documents,
}: Pick<CatalogDependencies, 'store' | 'documents'>): Promise<ReadonlySet<Digest>> {
  const { ended } = (await load({ store })).state;
  const lists = await Promise.all([...ended.values()].map(({ list }) => documents.getJson<CollectionList>(list)));
  return new Set(lists.flatMap(({ content }) => content.map(({ digest }) => digest)));
}
