import {
  canonicalJson,
  eventIdOf,
  hasCode,
  sha256,
  WaybillError,
  type CanonicalValue,
  type Clock,
  type Digest,
} from '@waybill/kernel';
import { documentEvents, documentStream, PIECE, readDocument, type StoredDocument } from './documentPieces.js';
import type { Actor, EventToAppend } from './event.js';
import { eventMetadata, writeMetadata } from './eventMetadata.js';
import { MAX_APPEND_BYTES, type EventStore } from './eventStore.js';
import { recentDocuments } from './recentDocuments.js';
import { serverContext } from './serverContext.js';

/** Documents in the log: raw metadata, manifests, plans, component specs, config files. Named by what they hold, written once. */
export interface Documents {
  /**
   * Stores the bytes, before the event that names them is appended. Doing it again, or finishing it after a crash, is safe.
   * @throws WaybillError `document-damaged` when other pieces stand under that name, `store-unavailable`, `disk-full`
   */
  put(bytes: Uint8Array): Promise<Digest>;
  /** Stores the value's canonical JSON. @throws WaybillError `not-canonical`, and as `put` */
  putJson(value: CanonicalValue): Promise<Digest>;
  /** The bytes, checked against the digest. @throws WaybillError `document-missing`, `document-damaged`, `store-unavailable` */
  get(digest: Digest): Promise<Uint8Array>;
  /** The value of a JSON document. Throws as `get`; a document that is no JSON is `document-damaged`. */
  getJson<T = CanonicalValue>(digest: Digest): Promise<T>;
  /** Is the document there, with all its pieces? Its content is checked by `get` only. */
  has(digest: Digest): Promise<boolean>;
}

/** A document that something names; `within` reads out of its JSON which others it names in turn, where it is of a kind that does. */
export interface NamedDocument {
  readonly digest: Digest;
  readonly within?: (content: unknown) => readonly NamedDocument[];
}

/** A writer that finds the document unfinished goes on where it stands; this many times may others be faster. */
const RETRIES = 8;

/** @param server the actor that the pieces are written by */
export function documents(store: Pick<EventStore, 'append' | 'read'>, clock: Clock, server: Actor): Documents {
  const recent = recentDocuments();

  async function put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256(bytes);
    if (recent.get(digest) !== undefined) return digest;
    await write(digest, bytes);
    recent.add(digest, bytes);
    return digest;
  }

  async function write(digest: Digest, bytes: Uint8Array): Promise<void> {
    const context = serverContext(server, documentStream(digest), digest);
    const metadata = writeMetadata(eventMetadata(context, clock));
    const events = documentEvents(bytes).map((event, index): EventToAppend => ({
      id: eventIdOf(context.commandId, index),
      ...event,
      metadata,
    }));
    let written = 0;
    for (let attempt = 0; attempt <= RETRIES; attempt += 1) {
      if (await appendRest(store, digest, events, written)) return;
      const present = await readDocument(store, digest);
      if (present.complete) return;
      mustContinue(digest, present, events);
      written = present.pieces.length;
    }
    throw new WaybillError('conflict', { what: documentStream(digest), attempts: RETRIES + 1 });
  }

  async function get(digest: Digest): Promise<Uint8Array> {
    // A plain array of its own: what was put and what is read compare equal.
    return new Uint8Array(recent.get(digest) ?? (await read(digest)));
  }

  async function read(digest: Digest): Promise<Uint8Array> {
    const { pieces, complete } = await readDocument(store, digest);
    if (!complete) throw new WaybillError('document-missing', { digest });
    const bytes = Buffer.concat(pieces);
    if (sha256(bytes) !== digest) throw new WaybillError('document-damaged', { digest });
    recent.add(digest, bytes);
    return bytes;
  }

  return {
    put,
    putJson: (value) => put(Buffer.from(canonicalJson(value))),
    get,
    async getJson<T>(digest: Digest): Promise<T> {
      const bytes = await get(digest);
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;
      } catch (cause) {
        throw new WaybillError('document-damaged', { digest }, { cause });
      }
    },
    has: async (digest) => (await readDocument(store, digest)).complete,
  };
}

/** Appends what is missing, as many events at a time as one append takes. False: the stream is not where it was thought to be. */
async function appendRest(
  store: Pick<EventStore, 'append'>,
  digest: Digest,
  events: readonly EventToAppend[],
  from: number,
): Promise<boolean> {
  let written = from;
  while (written < events.length) {
    const batch = firstAppend(events.slice(written));
    try {
      await store.append(documentStream(digest), written === 0 ? 'no_stream' : BigInt(written - 1), batch);
    } catch (error) {
      if (hasCode(error, 'wrong-expected-revision')) return false;
      throw error;
    }
    written += batch.length;
  }
  return true;
}

function firstAppend(events: readonly EventToAppend[]): readonly EventToAppend[] {
  let size = 0;
  // Some room is left for what a store counts beside data and metadata.
  const fitting = events.findIndex((event) => (size += sizeOf(event)) > MAX_APPEND_BYTES - 65_536);
  return fitting === -1 ? events : events.slice(0, fitting);
}

const sizeOf = ({ data, metadata }: EventToAppend): number =>
  (data instanceof Uint8Array ? data.byteLength : Buffer.byteLength(canonicalJson(data))) +
  Buffer.byteLength(canonicalJson(metadata));

function mustContinue(digest: Digest, present: StoredDocument, events: readonly EventToAppend[]): void {
  const alike = present.pieces.every((piece, index) => {
    const ours = events[index];
    return ours?.type === PIECE && ours.data instanceof Uint8Array && Buffer.compare(piece, ours.data) === 0;
  });
  if (!alike) throw new WaybillError('document-damaged', { digest });
}
