import { createHash } from 'node:crypto';
import { canonicalJson, digestFrom, digestOf, type Digest } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import { eventDigest } from '../eventDigest.js';
import type { EventStore } from '../eventStore.js';

/** All events up to a position, in order. What stores keep for themselves is not among what `readAll` yields. */
export async function* logEvents(store: Pick<EventStore, 'readAll'>, upTo?: bigint): AsyncGenerator<StoredEvent> {
  for await (const event of store.readAll()) {
    if (upTo !== undefined && event.position > upTo) return;
    yield event;
  }
}

/** Digest of everything in an event that must survive a move: all but its position. */
export const copiedEventDigest = ({ stream, revision, id, type, data, metadata }: StoredEvent): Digest =>
  digestOf({
    stream,
    revision: String(revision),
    id,
    type,
    kind: data instanceof Uint8Array ? 'bytes' : 'json',
    data: eventDigest(data),
    metadata: digestOf(metadata),
  });

/** One digest over the digests of all events, in order. */
export interface LogDigest {
  add(event: Digest): void;
  /** Ends it. */
  end(): Digest;
}

export function logDigest(): LogDigest {
  const hash = createHash('sha256');
  return { add: (event) => hash.update(`${event}\n`), end: () => digestFrom(hash) };
}

/** Bytes that the event takes of an append. */
export const sizeOf = ({ data, metadata }: StoredEvent): number =>
  (data instanceof Uint8Array ? data.byteLength : Buffer.byteLength(canonicalJson(data))) +
  Buffer.byteLength(canonicalJson(metadata));
