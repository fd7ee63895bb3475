import { ANY, BACKWARDS, END, NO_STREAM, STREAM_EXISTS, type AppendExpectedRevision } from '@eventstore/db-client';
import type { CheckedEvent } from '../checkedAppend.js';
import type { StoredEvent } from '../event.js';
import type { Appended, ExpectedRevision } from '../eventStore.js';
import { notePosition, toLeader, type Connection } from './connection.js';
import { inTime, persist } from './persistence.js';
import { lastOf, streamed } from './readEvents.js';
import { eventData, isSameContent, positionOf, storedEvent } from './storedEvent.js';
import { storeError, storeFailure, streamDeleted, wrongRevision } from './storeFailure.js';

export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly CheckedEvent[];
}

/** The highest revision that the protocol can carry. */
const LAST = 0xffff_ffff_ffff_fffen;

/**
 * Appends, and finds out what became of it. An error does not mean that nothing was written, so an attempt whose outcome is unknown is
 * repeated with the same ids at the same revision, which a server takes for one append, restarted or not. Without a revision it would forget
 * the ids at a restart, so then the stream is searched before a repetition.
 *
 * Servers acknowledge a repetition like an append. What they acknowledged is therefore read back: it was written by this call when it
 * stands behind everything seen before the call and holds what this call carried. So `written` is never said of a content that is not in
 * the log; of two calls with the same ids and the same content at the same moment, on two servers, both may hear it.
 * @throws WaybillError as `EventStore.append`; `stream-deleted`, `store-denied`
 */
export async function appendEvents(connection: Connection, request: AppendRequest): Promise<Appended> {
  const { stream, expected, events } = request;
  const about = { stream, expected, size: events.reduce((sum, { size }) => sum + size, 0) };
  const before = connection.seen.position;
  try {
    if (events.length === 0) return await persist(connection, () => standing(connection, stream));
    if (typeof expected === 'bigint' && (expected < -1n || expected > LAST))
      return await persist(connection, () => refuse(connection, request));
    return await persist(connection, async (attempt) => {
      const found =
        attempt > 1 && typeof expected !== 'bigint' && expected !== 'no_stream'
          ? await search(connection, request, before)
          : undefined;
      const last = found ?? (await appendOnce(connection, request));
      return await confirmed(connection, request, last, before);
    });
  } catch (error) {
    throw storeError(error, about);
  }
}

/**
 * The plain append call, which passing credentials selects. The client's other one, for batches, keeps what is pending in one list for the
 * whole process: one lost connection rejects the appends of another, a reply that comes late ends the process, and deadlines are not kept.
 * Without TLS the credentials are not sent.
 */
async function appendOnce(connection: Connection, { stream, expected, events }: AppendRequest): Promise<bigint> {
  const { client, address, timeouts } = connection;
  const appended = await inTime(
    timeouts.answer,
    client.appendToStream(stream, events.map(eventData), {
      expectedRevision: clientRevision(expected),
      credentials: address.credentials ?? { username: '', password: '' },
      deadline: timeouts.answer,
      ...toLeader,
    }),
  );
  mustFollow(stream, expected, events.length, appended.nextExpectedRevision);
  return appended.nextExpectedRevision;
}

function clientRevision(expected: ExpectedRevision): AppendExpectedRevision {
  if (expected === 'any') return ANY;
  if (expected === 'stream_exists') return STREAM_EXISTS;
  return expected === 'no_stream' || expected === -1n ? NO_STREAM : expected;
}

/** A stream that someone deleted goes on counting where it stood, although it passes for one that is not there. */
function mustFollow(stream: string, expected: ExpectedRevision, count: number, last: bigint): void {
  if (expected === 'any' || expected === 'stream_exists') return;
  const due = (expected === 'no_stream' ? -1n : expected) + BigInt(count);
  if (last !== due) throw streamDeleted(stream, `an append ended at ${last} where ${due} was due.`);
}

/** Reads back what stands up to the revision that the append was answered with. */
async function confirmed(
  connection: Connection,
  request: AppendRequest,
  revision: bigint,
  before: bigint,
): Promise<Appended> {
  const { stream, events } = request;
  const first = revision - BigInt(events.length - 1);
  const stored = await eventsFrom(connection, stream, first < 0n ? 0n : first, events.length);
  const last = stored.at(-1);
  if (last?.revision !== revision || stored.length !== events.length)
    throw streamDeleted(stream, `of what was acknowledged up to ${revision}, a part is not there.`);
  const isSame = stored.every((event, i) => isOf(event, events[i]));
  const outcome = isSame && last.position > before ? 'written' : 'repeated';
  notePosition(connection, last.position);
  return { revision, position: last.position, outcome };
}

const isOf = (stored: StoredEvent, event: CheckedEvent | undefined): boolean =>
  stored.id === event?.id && isSameContent(stored, event);

async function eventsFrom(
  connection: Connection,
  stream: string,
  from: bigint,
  count: number,
): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  const options = { fromRevision: from, maxCount: count, ...toLeader };
  for await (const event of streamed(connection, () => connection.client.readStream(stream, options)))
    events.push(storedEvent(event));
  return events;
}

/** Looks for the events of an earlier attempt among what was written since. */
async function search(connection: Connection, request: AppendRequest, since: bigint): Promise<bigint | undefined> {
  const { stream, events } = request;
  const last = events.at(-1)?.id;
  const options = { direction: BACKWARDS, fromRevision: END, ...toLeader } as const;
  try {
    for await (const event of streamed(connection, () => connection.client.readStream(stream, options))) {
      if (positionOf(event) <= since) return undefined;
      if (event.id === last) return event.revision;
    }
  } catch (error) {
    if (storeFailure(error).kind !== 'missing') throw error;
  }
  return undefined;
}

/** Where the stream stands; for an append of nothing. */
async function standing(connection: Connection, stream: string): Promise<Appended> {
  const last = await lastOf(connection, stream);
  return {
    revision: last?.revision ?? -1n,
    position: last === undefined ? -1n : positionOf(last),
    outcome: 'repeated',
  };
}

/** A revision that no stream can have. */
async function refuse(connection: Connection, { stream, expected }: AppendRequest): Promise<never> {
  const last = await lastOf(connection, stream);
  throw wrongRevision(stream, expected, last?.revision ?? 'no_stream');
}
