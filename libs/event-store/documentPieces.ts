import { hexOf, WaybillError, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { EventToAppend } from './event.js';
import type { EventStore } from './eventStore.js';

export const PIECE = 'document-piece.v1';
export const COMPLETED = 'document-completed.v1';

const PIECE_BYTES = 262_144;

export interface StoredDocument {
  readonly pieces: readonly Uint8Array[];
  readonly complete: boolean;
}

/** `document-` and 64 hex digits: the stream that holds the document of this digest. */
export const documentStream = (digest: Digest): string => `document-${hexOf(digest)}`;

/** Pieces, then the mark that no more will come: without it a document that was cut short would look whole until it was hashed. */
export function documentEvents(bytes: Uint8Array): readonly Pick<EventToAppend, 'type' | 'data'>[] {
  const pieces: Pick<EventToAppend, 'type' | 'data'>[] = [];
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES)
    pieces.push({ type: PIECE, data: bytes.subarray(at, at + PIECE_BYTES) });
  const completed: CanonicalValue = { pieces: pieces.length, size: bytes.byteLength };
  return [...pieces, { type: COMPLETED, data: completed }];
}

/** @throws WaybillError `document-damaged` when the stream holds what no document has */
export async function readDocument(store: Pick<EventStore, 'read'>, digest: Digest): Promise<StoredDocument> {
  const pieces: Uint8Array[] = [];
  let complete = false;
  for await (const { type, data } of store.read(documentStream(digest))) {
    if (complete) throw new WaybillError('document-damaged', { digest });
    if (type === PIECE && data instanceof Uint8Array) pieces.push(data);
    else if (type === COMPLETED) complete = true;
    else throw new WaybillError('document-damaged', { digest });
  }
  return { pieces, complete };
}
