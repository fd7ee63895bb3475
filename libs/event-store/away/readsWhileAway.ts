import { hasCode } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { EventStore } from '../eventStore.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';
import { readLocalCopy } from './localCopy.js';
import type { StoreContact } from './storeContact.js';

/**
 * The store for those who only look: while it is away, streams are read from the local copy, as far as that had come. Whatever decides or
 * acts must not be given it, because what it answers may be old.
 * @param copied whose streams `localCopyProjection` keeps
 */
export function readsWhileAway(
  store: EventStore,
  copied: { readonly db: SqlDatabase; readonly contact: Pick<StoreContact, 'lost'> },
): EventStore {
  return {
    ...store,
    async *read(stream, from) {
      yield* (await fromStore(store, copied.contact.lost(), stream, from)) ?? readLocalCopy(copied.db, stream, from);
    },
  };
}

/** Nothing when the store is away, or is lost before it has answered. */
async function fromStore(
  store: Pick<EventStore, 'read'>,
  lost: AbortSignal,
  stream: string,
  from: bigint | undefined,
): Promise<readonly StoredEvent[] | undefined> {
  if (lost.aborted) return undefined;
  let leave = () => undefined as unknown;
  const left = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined);
    lost.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([whole(store.read(stream, from)), left]);
  } catch (error) {
    if (hasCode(error, 'store-unavailable')) return undefined;
    throw error;
  } finally {
    lost.removeEventListener('abort', leave);
  }
}

async function whole(events: AsyncIterable<StoredEvent>): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
