import type { Decider } from './decider.js';
import type { DomainEvent, RecordedEvent } from './event.js';
import type { EventStore } from './eventStore.js';
import { readStream } from './readStream.js';
import type { Serde } from './serde.js';

type Reading<Event extends DomainEvent> = Pick<Serde<Event>, 'record'>;
type Folding<State, Event extends DomainEvent> = Pick<Decider<State, never, Event>, 'evolve' | 'initialState'>;

/**
 * A stream folded as the log has it now.
 * @throws WaybillError as `readStream`
 */
export async function stateOf<State, Event extends DomainEvent>(
  store: Pick<EventStore, 'read'>,
  serde: Reading<Event>,
  decider: Folding<State, Event>,
  stream: string,
): Promise<State> {
  let state = decider.initialState();
  for await (const { event } of readStream(store, serde, stream)) state = decider.evolve(state, event);
  return state;
}

/**
 * Every stream of a kind folded as the log has it now, by what follows the prefix in its name; oldest first.
 * @throws WaybillError as `readStream`
 */
export async function statesOf<State, Event extends DomainEvent>(
  store: Pick<EventStore, 'readAll'>,
  serde: Reading<Event>,
  decider: Folding<State, Event>,
  prefix: string,
): Promise<ReadonlyMap<string, State>> {
  const states = new Map<string, State>();
  for await (const stored of store.readAll(undefined, { prefixes: [prefix] })) {
    const { event }: RecordedEvent<Event> = serde.record(stored);
    const name = stored.stream.slice(prefix.length);
    states.set(name, decider.evolve(states.get(name) ?? decider.initialState(), event));
  }
  return states;
}
