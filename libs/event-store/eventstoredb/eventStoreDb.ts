import { setMaxListeners } from 'node:events';
import { systemClock, randomIds, withFailpoints, type Clock, type IdSource } from '@waybill/kernel';
import { appendPoint, checkedAppend } from '../checkedAppend.js';
import type { StoredEvent } from '../event.js';
import type { EventStore, StreamFilter } from '../eventStore.js';
import { appendEvents } from './appendEvents.js';
import type { Connection } from './connection.js';
import { storeAddress } from './connectionString.js';
import { logIdentity } from './identity.js';
import { inspectStore } from './inspectStore.js';
import { defaultTimeouts, inTime, persist, type Timeouts } from './persistence.js';
import { endOfLog, readLogEvents, readStreamEvents } from './readEvents.js';
import { leaseClient } from './sharedClient.js';
import { closedError, storeError } from './storeFailure.js';
import { subscribeToLog, type SubscriptionReports } from './subscribeToLog.js';

export interface EventStoreDbOptions extends SubscriptionReports {
  /** `esdb://` or `esdb+discover://`; see `storeAddress` for what is refused. */
  readonly connectionString: string;
  readonly timeouts?: Partial<Timeouts>;
  /** Names a log that has no name yet; random by default. */
  readonly ids?: IdSource;
  readonly clock?: Pick<Clock, 'monotonic'>;
  /** From 0 up to 1, for the pauses between attempts. */
  readonly random?: () => number;
}

/**
 * The event store of production: EventStoreDB 22.6 or later, or KurrentDB, over gRPC. Positions are commit positions.
 * Short absences of the server are waited for, as long as `timeouts.patience` says; subscriptions wait for ever.
 * @throws WaybillError `configuration-invalid`; `store-unavailable` when the server is not there within the patience; `store-denied`
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const address = storeAddress(options.connectionString);
  const lease = leaseClient(address);
  const closing = new AbortController();
  // Every read listens.
  setMaxListeners(0, closing.signal);
  const connection: Connection = {
    client: lease.client,
    address,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    closing: closing.signal,
    seen: { position: -1n },
  };
  const pending = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  const ensureOpen = () => {
    if (closed !== undefined) throw closedError();
  };
  const end = async (): Promise<bigint> => {
    ensureOpen();
    return persist(connection, () => endOfLog(connection)).catch((error: unknown) => {
      throw storeError(error, { stream: '$all' });
    });
  };
  async function* readAll(after: bigint, filter: StreamFilter | undefined): AsyncGenerator<StoredEvent, void> {
    yield* readLogEvents(connection, after, await end(), filter);
  }
  const close = async () => {
    // What was called before is still answered, but not for longer than one answer may take.
    await inTime(connection.timeouts.answer, Promise.allSettled(pending)).catch(() => undefined);
    closing.abort();
    await lease.release();
  };

  try {
    await end();
    const named = await logIdentity(connection, options.ids ?? randomIds);
    let isWritten = false;
    return {
      identity: named.identity,
      async append(stream, expected, events) {
        ensureOpen();
        const request = { stream, expected, events: checkedAppend(stream, events) };
        const appending = withFailpoints(appendPoint(events), () => appendEvents(connection, request));
        pending.add(appending);
        try {
          return await appending;
        } finally {
          pending.delete(appending);
        }
      },
      async *read(stream, from) {
        ensureOpen();
        yield* readStreamEvents(connection, stream, from);
      },
      readAll: (after = -1n, filter) => readAll(after, filter),
      async *subscribe({ after = -1n, filter, signal }) {
        ensureOpen();
        yield* subscribeToLog(connection, { after, filter, signal }, options);
      },
      async inspect() {
        ensureOpen();
        return inspectStore(connection).catch((error: unknown) => {
          throw storeError(error, { stream: '$all' });
        });
      },
      async head() {
        const last = await end();
        // The log always holds something of the server's and the adapter's; what it is empty of is events of ours.
        isWritten ||= await isAny(readLogEvents(connection, named.position, last, undefined));
        return isWritten ? last : -1n;
      },
      close: () => (closed ??= close()),
    };
  } catch (error) {
    closing.abort();
    await lease.release();
    throw error;
  }
}

async function isAny(events: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of events) return true;
  return false;
}
