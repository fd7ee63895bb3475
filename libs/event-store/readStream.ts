import type { DomainEvent, RecordedEvent } from './event.js';
import type { EventStore } from './eventStore.js';
import type { Serde } from './serde.js';

/**
 * The events of one stream after revision `from` (absent: all), in the domain's words.
 * @throws WaybillError `event-unknown`, `event-unreadable`, `store-unavailable`
 */
export async function* readStream<Event extends DomainEvent>(
  store: Pick<EventStore, 'read'>,
  serde: Pick<Serde<Event>, 'record'>,
  stream: string,
  from?: bigint,
): AsyncIterable<RecordedEvent<Event>> {
  for await (const stored of store.read(stream, from)) yield serde.record(stored);
}
