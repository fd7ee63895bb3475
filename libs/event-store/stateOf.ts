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
  return (await foldOf(store, serde, decider, stream)).state;
}

/**
 * The same with the revision of its last event; -1n: the stream does not exist.
 * @throws WaybillError as `readStream`
 */
export async function foldOf<State, Event extends DomainEvent>(
  store: Pick<EventStore, 'read'>,
  serde: Reading<Event>,
  decider: Folding<State, Event>,
  stream: string,
): Promise<{ readonly state: State; readonly revision: bigint }> {
  let folded = { state: decider.initialState(), revision: -1n };
  for await (const { event, revision } of readStream(store, serde, stream))
    folded = { state: decider.evolve(folded.state, event), revision };
  return folded;
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
