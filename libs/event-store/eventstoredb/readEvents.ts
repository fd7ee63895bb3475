import { BACKWARDS, END, type StreamingRead } from '@eventstore/db-client';
import type { StoredEvent } from '../event.js';
import type { StreamFilter } from '../eventStore.js';
import { notePosition, toLeader, type Connection } from './connection.js';
import { isWanted } from './ownEvents.js';
import { inTime, pauseBefore, pauseFor } from './persistence.js';
import { pulled } from './pulled.js';
import { clientPosition, positionOf, storedEvent, type ClientEvent } from './storedEvent.js';
import { closedError, lateError, storeError, storeFailure, streamDeleted } from './storeFailure.js';

/** The highest revision and position that the protocol can carry. */
const LAST = 0xffff_ffff_ffff_fffen;
/** Events the client may hold ready before the next one is asked for. */
const READ_AHEAD = { highWaterMark: 64 };

/** One read, from its call to its end or until it is left. @throws what the client throws; `store-unavailable` when nothing comes in time */
export async function* streamed(
  connection: Pick<Connection, 'timeouts' | 'closing'>,
  read: () => StreamingRead<{ readonly event?: unknown }>,
): AsyncGenerator<ClientEvent, void> {
  const stream = read();
  const events = pulled<{ readonly event?: ClientEvent }>(stream, () => stream.cancel(), connection.closing);
  try {
    for (;;) {
      const next = await events.next(connection.timeouts.answer);
      if (connection.closing.aborted) throw closedError();
      if (next.kind === 'end') return;
      if (next.kind === 'late') throw lateError(connection.timeouts.answer);
      if (next.item.event !== undefined) yield next.item.event;
    }
  } finally {
    events.stop();
  }
}

/**
 * Goes on where a read was interrupted, as long as patience lasts since the last event; `read` begins behind what it yielded before.
 * @param about the stream that errors name
 */
async function* uninterrupted<T>(
  connection: Connection,
  about: string,
  read: () => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const { clock, timeouts, random, closing } = connection;
  let deadline = clock.monotonic() + timeouts.patience;
  for (let attempt = 1; ; attempt += 1) {
    if (closing.aborted) throw closedError();
    try {
      for await (const item of read()) {
        yield item;
        attempt = 1;
        // Only now: the time that the consumer took is not the server's.
        deadline = clock.monotonic() + timeouts.patience;
      }
      return;
    } catch (error) {
      const pause = pauseBefore(attempt, random);
      if (storeFailure(error).kind !== 'away' || clock.monotonic() + pause > deadline)
        throw storeError(error, { stream: about });
      await pauseFor(pause, closing);
    }
  }
}

/**
 * Events of one stream behind the revision. Revisions have no gaps unless someone has deleted or truncated the stream behind our back.
 * @throws WaybillError `stream-deleted`, `event-unreadable`, `store-unavailable`, `store-denied`
 */
export function readStreamEvents(
  connection: Connection,
  stream: string,
  from = -1n,
): AsyncGenerator<StoredEvent, void> {
  const first = from < 0n ? 0n : from + 1n;
  let next = first;
  return uninterrupted(connection, stream, async function* () {
    if (next > LAST) return;
    const { client } = connection;
    let isThere = true;
    try {
      for await (const event of streamed(connection, () =>
        client.readStream(stream, { fromRevision: next, ...toLeader }, READ_AHEAD),
      )) {
        if (event.revision !== next)
          throw streamDeleted(stream, `event ${next} is gone; the next one that is left is ${event.revision}.`);
        next += 1n;
        const stored = storedEvent(event);
        notePosition(connection, stored.position);
        yield stored;
      }
    } catch (error) {
      if (storeFailure(error).kind !== 'missing') throw error;
      isThere = false;
      await mustNeverHaveBeen(connection, stream);
    }
    if (isThere && next === 0n) throw streamDeleted(stream, 'it is there, and nothing in it can be read.');
  });
}

/** A soft delete leaves a mark in the stream's metadata, and nothing else that tells it from a stream that never was. */
async function mustNeverHaveBeen({ client, timeouts }: Connection, stream: string): Promise<void> {
  const { metadata } = await inTime(timeouts.answer, client.getStreamMetadata(stream, toLeader));
  if (metadata?.truncateBefore !== undefined)
    throw streamDeleted(stream, 'its metadata say that what it held shall no longer be read.');
}

/** The last event of a stream; absent when there is no such stream. */
export async function lastOf(connection: Connection, stream: string): Promise<ClientEvent | undefined> {
  const { client } = connection;
  const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, ...toLeader } as const;
  try {
    for await (const event of streamed(connection, () => client.readStream(stream, options))) return event;
  } catch (error) {
    if (storeFailure(error).kind !== 'missing') throw error;
    await mustNeverHaveBeen(connection, stream);
  }
  return undefined;
}

/** Position of the log's last record, whoever wrote it; -1n when there is none. */
export async function endOfLog(connection: Connection): Promise<bigint> {
  const { client } = connection;
  const options = { direction: BACKWARDS, fromPosition: END, maxCount: 1, ...toLeader } as const;
  for await (const event of streamed(connection, () => client.readAll(options)))
    return notePosition(connection, positionOf(event));
  return -1n;
}

/** What the filter lets through behind `after`, up to and with `end`. 6.2.1 filters subscriptions only, so the choice is made here. */
export function readLogEvents(
  connection: Connection,
  after: bigint,
  end: bigint,
  filter: StreamFilter | undefined,
): AsyncGenerator<StoredEvent, void> {
  let at = after;
  return uninterrupted(connection, '$all', async function* () {
    if (at >= end || filter?.prefixes.length === 0) return;
    const { client } = connection;
    for await (const event of streamed(connection, () =>
      client.readAll({ fromPosition: clientPosition(at), ...toLeader }, READ_AHEAD),
    )) {
      const position = positionOf(event);
      if (position > end) return;
      // A read begins with the event at the position, unlike a subscription.
      if (position <= at) continue;
      if (isWanted(event, filter)) yield storedEvent(event);
      at = position;
      if (position === end) return;
    }
  });
}
