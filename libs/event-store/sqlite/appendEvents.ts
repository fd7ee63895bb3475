import { WaybillError } from '@waybill/kernel';
import type { CheckedEvent } from '../checkedAppend.js';
import type { Appended, ExpectedRevision } from '../eventStore.js';
import type { SqlDatabase } from './sqlDatabase.js';

export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly CheckedEvent[];
}

interface Place {
  readonly revision: number;
  readonly position: number;
}

const NOWHERE: Place = { revision: -1, position: -1 };

/**
 * Carries out one append inside a transaction; nothing was written when it throws `wrong-expected-revision`. `head` is the position of the
 * log's last event, which the appends of one transaction hand on: asking for it anew costs as much as writing an event.
 * What counts as a repetition is what an EventStoreDB takes for one: it compares ids and places, never contents.
 */
export function appendEvents(db: SqlDatabase, request: AppendRequest, head: number): Appended {
  const { stream, expected, events } = request;
  const last = lastOf(db, stream);
  if (events.length === 0) return appended(last, 'repeated');
  const written =
    expected === 'any' || expected === 'stream_exists'
      ? repeatedAnywhere(db, request, last)
      : repeatedAt(db, request, last);
  if (written !== undefined) return appended(written, 'repeated');

  let { revision } = last;
  let position = head;
  for (const event of events) {
    const isText = typeof event.data === 'string';
    db.run(
      'INSERT INTO events (position, stream, revision, id, type, size, metadata, json, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ++position,
      stream,
      ++revision,
      event.id,
      event.type,
      event.size,
      event.metadata,
      isText ? event.data : null,
      isText ? null : event.data,
    );
  }
  return appended({ revision, position }, 'written');
}

/** Position of the last event of the log; -1 when there is none. */
export const headOf = (db: SqlDatabase): number =>
  db.get<{ head: number | null }>('SELECT max(position) AS head FROM events')?.head ?? -1;

function lastOf(db: SqlDatabase, stream: string): Place {
  return (
    db.get<Place>('SELECT revision, position FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1', stream) ??
    NOWHERE
  );
}

/** With a revision (`no_stream` is -1): the events must stand right behind it. At the stream's end everything is new. */
function repeatedAt(db: SqlDatabase, request: AppendRequest, last: Place): Place | undefined {
  const { stream, expected, events } = request;
  const base = expected === 'no_stream' ? -1n : BigInt(expected);
  if (base === BigInt(last.revision)) return undefined;
  if (base > BigInt(last.revision) || base < -1n) throw wrongRevision(request, last);
  let place = NOWHERE;
  events.forEach((event, i) => {
    const found = db.get<Place & { id: string }>(
      'SELECT id, revision, position FROM events WHERE stream = ? AND revision = ?',
      stream,
      Number(base) + 1 + i,
    );
    if (found?.id !== event.id) throw wrongRevision(request, last);
    place = found;
  });
  return place;
}

/** Without a revision: all of the events must stand somewhere in the stream. A first one that does not makes all of them new. */
function repeatedAnywhere(db: SqlDatabase, request: AppendRequest, last: Place): Place | undefined {
  const { stream, expected, events } = request;
  if (expected === 'stream_exists' && last.revision < 0) throw wrongRevision(request, last);
  let place = NOWHERE;
  for (const [i, event] of events.entries()) {
    const found = db.get<Place>(
      'SELECT revision, position FROM events WHERE id = ? AND stream = ? ORDER BY revision DESC LIMIT 1',
      event.id,
      stream,
    );
    if (found === undefined && i === 0) return undefined;
    if (found === undefined) throw wrongRevision(request, last);
    place = found;
  }
  return place;
}

const wrongRevision = ({ stream, expected }: AppendRequest, last: Place) =>
  new WaybillError('wrong-expected-revision', {
    stream,
    expected: String(expected),
    actual: last.revision < 0 ? 'no_stream' : String(last.revision),
  });

const appended = ({ revision, position }: Place, outcome: Appended['outcome']): Appended => ({
  revision: BigInt(revision),
  position: BigInt(position),
  outcome,
});
