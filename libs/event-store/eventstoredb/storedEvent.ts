import { binaryEvent, jsonEvent, type EventData, type Position, type RecordedEvent } from '@eventstore/db-client';
import { canonicalJson, WaybillError, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { CheckedEvent } from '../checkedAppend.js';
import type { StoredEvent } from '../event.js';

/** An event of the client, whatever else is known of its type. */
export type ClientEvent = Pick<RecordedEvent, 'streamId' | 'id' | 'revision' | 'type' | 'isJson'> & {
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position?: Position | undefined;
};

/**
 * The event in the client's form. Metadata goes as bytes, which the server keeps as they are and the client parses when it reads:
 * its own way of writing metadata leaves out `null`, `0` and the empty text.
 */
export function eventData(event: CheckedEvent): EventData {
  const { id, type } = event;
  const metadata = Uint8Array.from(Buffer.from(event.metadata));
  return typeof event.data === 'string'
    ? jsonEvent({ id, type, data: JSON.parse(event.data) as Record<string, unknown>, metadata })
    : binaryEvent({ id, type, data: event.data, metadata });
}

/** @throws WaybillError `event-unreadable` for what Waybill cannot have written */
export function storedEvent(event: ClientEvent): StoredEvent {
  return {
    id: event.id as EventId,
    stream: event.streamId,
    revision: event.revision,
    position: positionOf(event),
    type: event.type,
    data: dataOf(event),
    metadata: metadataOf(event),
  };
}

/** Servers before 22.6 say nothing, or this, when a single stream is read. */
const NO_POSITION = 0xffff_ffff_ffff_ffffn;

/**
 * Place in the whole log. Commit and prepare are the same for everything written over gRPC; they differ for the explicit transactions
 * of the old TCP protocol only, which Waybill never writes.
 */
export function positionOf(event: ClientEvent): bigint {
  const { position } = event;
  if (position === undefined || position.commit === NO_POSITION)
    throw unreadable(event, 'the server does not tell its position; 22.6 or a later version is needed.');
  return position.commit;
}

/** The place in the client's form; -1n is before everything. */
export const clientPosition = (position: bigint): Position | 'start' =>
  position < 0n ? 'start' : { commit: position, prepare: position };

/** Do both hold the same, canonically? */
export function isSameContent(stored: StoredEvent, event: CheckedEvent): boolean {
  const data = stored.data instanceof Uint8Array ? stored.data : canonicalJson(stored.data);
  const isSameData =
    typeof data === 'string' || typeof event.data === 'string'
      ? data === event.data
      : Buffer.compare(data, event.data) === 0;
  return isSameData && stored.type === event.type && canonicalJson(stored.metadata) === event.metadata;
}

function dataOf(event: ClientEvent): CanonicalValue | Uint8Array {
  const { data, isJson } = event;
  // A buffer of the client's is part of a larger one, which would be kept alive.
  if (!isJson && data instanceof Uint8Array) return Uint8Array.from(data);
  if (!isJson) throw unreadable(event, 'its data are neither JSON nor bytes.');
  return data as CanonicalValue;
}

function metadataOf(event: ClientEvent): CanonicalValue {
  // The client hands over as bytes what it cannot parse.
  if (event.metadata instanceof Uint8Array) throw unreadable(event, 'its metadata are no JSON.');
  return (event.metadata ?? null) as CanonicalValue;
}

const unreadable = (event: ClientEvent, reason: string) =>
  new WaybillError('event-unreadable', { stream: event.streamId, revision: String(event.revision), reason });
