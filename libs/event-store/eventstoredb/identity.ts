import { hasCode, isUuid, WaybillError, type EventId, type IdSource } from '@waybill/kernel';
import { checkedAppend } from '../checkedAppend.js';
import { appendEvents } from './appendEvents.js';
import type { Connection } from './connection.js';
import { IDENTITY_STREAM } from './ownEvents.js';
import { readStreamEvents } from './readEvents.js';

/** What names this log, and where that stands in it; everything of ours comes later. */
export interface LogIdentity {
  readonly identity: string;
  readonly position: bigint;
}

/** Reads what names the log, and names it when nobody has: of several servers that start at once, the first one's name stays. */
export async function logIdentity(connection: Connection, ids: IdSource): Promise<LogIdentity> {
  const present = await readIdentity(connection);
  if (present !== undefined) return present;
  const named = { id: ids.next() as EventId, type: 'log-named.v1', data: { identity: ids.next() }, metadata: {} };
  try {
    const events = checkedAppend(IDENTITY_STREAM, [named]);
    await appendEvents(connection, { stream: IDENTITY_STREAM, expected: 'no_stream', events });
  } catch (error) {
    if (!hasCode(error, 'wrong-expected-revision')) throw error;
  }
  const made = await readIdentity(connection);
  if (made === undefined) throw unreadable('it was written and is not there.');
  return made;
}

async function readIdentity(connection: Connection): Promise<LogIdentity | undefined> {
  for await (const { data, position } of readStreamEvents(connection, IDENTITY_STREAM)) {
    const { identity } = (data ?? {}) as { readonly identity?: unknown };
    if (typeof identity !== 'string' || !isUuid(identity)) throw unreadable('it holds no identity.');
    return { identity, position };
  }
  return undefined;
}

const unreadable = (reason: string) =>
  new WaybillError('event-unreadable', { stream: IDENTITY_STREAM, revision: '0', reason });
