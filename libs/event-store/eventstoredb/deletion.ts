import type { WaybillError } from '@waybill/kernel';
import type { ClientEvent } from './storedEvent.js';
import { streamDeleted } from './storeFailure.js';

/** Settings of a stream with which the server hides or deletes what it holds. */
const LIMITS = ['$tb', '$maxCount', '$maxAge'];

/** The deletion that this event of the server's is; absent when it is none. */
export function deletionBy(event: ClientEvent): WaybillError | undefined {
  const { streamId, type, data } = event;
  if (type === '$streamDeleted') return streamDeleted(streamId, 'it got a tombstone.');
  if (type !== '$metadata' || !streamId.startsWith('$$') || typeof data !== 'object' || data === null) return undefined;
  const limits = LIMITS.filter((name) => name in data);
  return limits.length === 0 ? undefined : streamDeleted(streamId.slice(2), `its settings hold ${limits.join(', ')}.`);
}
