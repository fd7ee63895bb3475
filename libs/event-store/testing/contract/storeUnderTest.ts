import { randomUUID } from 'node:crypto';
import { sha256, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { EventToAppend, StoredEvent } from '../../event.js';
import type { EventStore, SubscriptionMessage } from '../../eventStore.js';

/** How the contract suite gets at a store. The log need not be empty, and others may write to it: every test uses streams of its own. */
export interface EventStoreFactory {
  readonly name: string;
  open(): Promise<EventStore>;
  /** Kills what keeps the log, without a farewell, brings it back with the same data and gives a store that works with it. */
  reopen(): Promise<EventStore>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
}

/** The store of the running test; a test that kills it puts the next one in its place. */
export interface StoreUnderTest {
  readonly current: () => EventStore;
  readonly restart: () => Promise<EventStore>;
}

export const newEvent = (data: CanonicalValue | Uint8Array = { n: 1 }, type = 'happened.v1'): EventToAppend => ({
  id: randomUUID() as EventId,
  type,
  data,
  metadata: { by: 'contract' },
});

export const newEvents = (count: number, start = 0): readonly EventToAppend[] =>
  Array.from({ length: count }, (_, i) => newEvent({ n: start + i }));

/** A name that no other test, and no run before, has used. */
export const newStream = (prefix = 'contract'): string => `${prefix}-${randomUUID()}`;

export async function collect<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of from) all.push(item);
  return all;
}

/** What a test may expect of an event it appended, whatever its position. */
export const placed = (stream: string, first: bigint, events: readonly EventToAppend[]) =>
  events.map((event, i) => ({ ...event, stream, revision: first + BigInt(i) }));

export const withoutPosition = ({ position: _, ...event }: StoredEvent) => event;

/** Events of a subscription until `enough` says so; then it is aborted and must end. */
export async function follow(
  store: EventStore,
  options: { readonly after?: bigint; readonly prefixes: readonly string[] },
  enough: (events: readonly StoredEvent[], message: SubscriptionMessage) => boolean,
): Promise<readonly StoredEvent[]> {
  const abort = new AbortController();
  const events: StoredEvent[] = [];
  const messages = store.subscribe({
    ...(options.after === undefined ? {} : { after: options.after }),
    filter: { prefixes: options.prefixes },
    signal: abort.signal,
  });
  for await (const message of messages) {
    if (message.kind === 'event') events.push(message.event);
    if (enough(events, message)) abort.abort();
  }
  return events;
}

export const untilCount = (count: number) => (events: readonly StoredEvent[]) => events.length >= count;
export const untilCaughtUp = (_: readonly StoredEvent[], message: SubscriptionMessage) => message.kind === 'caught-up';

/** The failure of a promise that must fail, or what it resolved to, which no comparison with an error survives. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

/** Large bytes are compared by their digest: comparing them one by one takes seconds. */
export const digested = <Event extends EventToAppend>(event: Event) => ({
  ...event,
  data: event.data instanceof Uint8Array ? sha256(event.data) : event.data,
});
