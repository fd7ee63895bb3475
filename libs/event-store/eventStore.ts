import type { EventToAppend, StoredEvent } from './event.js';

/** What the writer believes of the stream. A revision is that of the last event in it. */
export type ExpectedRevision = 'no_stream' | 'stream_exists' | 'any' | bigint;

export interface Appended {
  /** Revision of the last event written. */
  readonly revision: bigint;
  /** Position of the last event written. */
  readonly position: bigint;
  /** Did this call write the events, or had an earlier one with the same ids? */
  readonly outcome: 'written' | 'repeated';
}

/** Which streams: names that begin with one of these. Absent: all streams. */
export interface StreamFilter {
  readonly prefixes: readonly string[];
}

/** What a subscription yields: events in log order, and once in a while where the log's end was met. */
export type SubscriptionMessage =
  { readonly kind: 'event'; readonly event: StoredEvent } | { readonly kind: 'caught-up'; readonly position: bigint };

/** Most bytes of data and metadata that one append may hold; 1 MiB on a stock EventStoreDB. */
export const MAX_APPEND_BYTES = 1_048_576;

/** What an adapter found out about its store. */
export interface StoreInspection {
  /** Name of the product, such as `EventStoreDB`. */
  readonly product: string;
  readonly version?: string;
  readonly findings: readonly StoreFinding[];
}

/** Something in the store by which events get lost, or were. */
export interface StoreFinding {
  /** Absent: it concerns the whole store. */
  readonly stream?: string;
  readonly problem: string;
}

/**
 * The log. All positions and revisions are exclusive: reading "from" or "after" n begins with what follows n.
 * An append is atomic, durable once acknowledged, and idempotent when repeated with the same event ids and the same exact expected revision.
 */
export interface EventStore {
  /** Names this log: made when the log was; tokens that name another are refused. */
  readonly identity: string;

  /**
   * Are appends carried out in the order of the calls, also when one of them fails and without waiting for one before the next? Absent: only
   * when each is awaited.
   */
  readonly keepsOrder?: true;

  /**
   * Appends all events or none. An empty list writes nothing and answers where the stream stands.
   * @throws WaybillError `wrong-expected-revision`, `append-too-large`, `append-invalid`, `store-unavailable`, `disk-full`
   */
  append(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): Promise<Appended>;

  /** Events of one stream after revision `from` (absent: all), forwards. A stream that does not exist yields nothing. */
  read(stream: string, from?: bigint): AsyncIterable<StoredEvent>;

  /** Events of the whole log after position `after` (absent: from the start) up to its present end. */
  readAll(after?: bigint, filter?: StreamFilter): AsyncIterable<StoredEvent>;

  /** Like `readAll`, and then on with what comes. Never ends by itself; ends when `signal` aborts. */
  subscribe(options: {
    readonly after?: bigint;
    readonly filter?: StreamFilter;
    readonly signal: AbortSignal;
  }): AsyncIterable<SubscriptionMessage>;

  /**
   * What the store says of itself, and what in it endangers the log. May read the whole log; for an administrator who asks.
   * @throws WaybillError `store-unavailable`, `store-denied`
   */
  inspect?(): Promise<StoreInspection>;

  /** Position of the last event; -1n when the log is empty. */
  head(): Promise<bigint>;

  close(): Promise<void>;
}
