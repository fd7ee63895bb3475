import { eventIdOf, hasCode, WaybillError, type Clock } from '@waybill/kernel';
import type { Decider } from './decider.js';
import type { CommandContext, DomainEvent, EventToAppend, RecordedEvent } from './event.js';
import { eventMetadata, writeMetadata } from './eventMetadata.js';
import type { Appended, EventStore } from './eventStore.js';
import { readStream } from './readStream.js';
import type { Serde } from './serde.js';

/** What handling a command on a stream takes. */
export interface Handling<State, Command, Event extends DomainEvent> {
  readonly store: EventStore;
  readonly serde: Serde<Event>;
  readonly decider: Decider<State, Command, Event>;
  readonly clock: Clock;
}

/** Makes the handling of one kind of stream, for whoever has a log. */
export const handlingOf =
  <State, Command, Event extends DomainEvent>(serde: Serde<Event>, decider: Decider<State, Command, Event>) =>
  ({ store, clock }: Pick<Handling<State, Command, Event>, 'store' | 'clock'>): Handling<State, Command, Event> => ({
    store,
    clock,
    serde,
    decider,
  });

/** The answer to a command. */
export interface Handled<State, Event extends DomainEvent> {
  /** `done`: events were written now; `repeated`: this very command wrote them earlier; `nothing`: valid, and nothing to do. */
  readonly outcome: 'done' | 'repeated' | 'nothing';
  /** After the command's events; for a repeated command as it was then. */
  readonly state: State;
  readonly events: readonly RecordedEvent<Event>[];
  /** Of the last event that `state` holds; -1n: the stream does not exist. */
  readonly revision: bigint;
  /** Of the last event that `state` holds; -1n: the stream does not exist. */
  readonly position: bigint;
}

const RETRIES = 3;

/**
 * Reads the stream, folds it, decides, and appends at the revision it read. When others were faster it reads again, at most 3 times.
 * The command's own id in the stream means that it was carried out before: the answer is rebuilt from those events. So after
 * `store-unavailable`, when nobody knows whether the append arrived, the same context may safely be handled again.
 * @param options.expectedRevision what the caller read (If-Match): anything else is `revision-mismatch`
 * @throws WaybillError `idempotency-key-reused`, `revision-mismatch`, `conflict`, what the decider throws, what the store throws
 */
export async function handle<State, Command, Event extends DomainEvent>(
  handling: Handling<State, Command, Event>,
  stream: string,
  command: Command,
  context: CommandContext,
  options: { readonly expectedRevision?: bigint | undefined } = {},
): Promise<Handled<State, Event>> {
  for (let attempt = 0; attempt <= RETRIES; attempt += 1) {
    const present = await foldStream(handling, stream, context);
    if (present.repeated !== undefined) return present.repeated;
    const { state, revision, position } = present;
    mustMatch(options.expectedRevision, revision);
    const decided = handling.decider.decide(command, state);
    if (decided.length === 0) return { outcome: 'nothing', state, events: [], revision, position };
    const written = await write(handling, stream, decided, context, revision);
    if (written !== undefined)
      return {
        outcome: 'done',
        state: written.events.reduce((folded, { event }) => handling.decider.evolve(folded, event), state),
        ...written,
      };
  }
  throw new WaybillError('conflict', { what: stream, attempts: RETRIES + 1 });
}

interface Present<State, Event extends DomainEvent> {
  readonly state: State;
  readonly revision: bigint;
  readonly position: bigint;
  readonly repeated?: Handled<State, Event>;
}

async function foldStream<State, Command, Event extends DomainEvent>(
  { store, serde, decider }: Handling<State, Command, Event>,
  stream: string,
  context: CommandContext,
): Promise<Present<State, Event>> {
  let present: Present<State, Event> = { state: decider.initialState(), revision: -1n, position: -1n };
  for await (const recorded of readStream(store, serde, stream)) {
    const { revision, position } = recorded;
    const state = decider.evolve(present.state, recorded.event);
    const own = recorded.metadata.commandId === context.commandId;
    if (own && recorded.metadata.commandDigest !== context.commandDigest)
      throw new WaybillError('idempotency-key-reused');
    const earlier = present.repeated;
    const repeated: Handled<State, Event> | undefined = own
      ? { outcome: 'repeated', state, events: [...(earlier?.events ?? []), recorded], revision, position }
      : earlier;
    present = { state, revision, position, ...(repeated === undefined ? {} : { repeated }) };
  }
  return present;
}

function mustMatch(expected: bigint | undefined, present: bigint): void {
  if (expected !== undefined && expected !== present)
    throw new WaybillError('revision-mismatch', { given: String(expected), present: String(present) });
}

/** Nothing: the stream has moved on, or holds this command's events already; the next reading tells which. */
async function write<State, Command, Event extends DomainEvent>(
  { store, serde, clock }: Handling<State, Command, Event>,
  stream: string,
  decided: readonly Event[],
  context: CommandContext,
  revision: bigint,
): Promise<Pick<Handled<State, Event>, 'events' | 'revision' | 'position'> | undefined> {
  const metadata = writeMetadata(eventMetadata(context, clock));
  const toAppend = decided.map((event, index): EventToAppend => ({
    id: eventIdOf(context.commandId, index),
    ...serde.encode(event),
    metadata,
  }));
  let appended: Appended;
  try {
    appended = await store.append(stream, revision === -1n ? 'no_stream' : revision, toAppend);
  } catch (error) {
    if (hasCode(error, 'wrong-expected-revision')) return undefined;
    throw error;
  }
  if (appended.outcome === 'repeated') return undefined;
  return {
    events: await recordedAs(store, serde, stream, revision, toAppend, appended),
    revision: appended.revision,
    position: appended.position,
  };
}

/** The store tells the position of the last event only; those before it have to be read. */
async function recordedAs<Event extends DomainEvent>(
  store: EventStore,
  serde: Serde<Event>,
  stream: string,
  after: bigint,
  written: readonly EventToAppend[],
  appended: Appended,
): Promise<readonly RecordedEvent<Event>[]> {
  const [only, ...more] = written;
  if (only !== undefined && more.length === 0) return [serde.record({ ...only, stream, ...appended })];
  const events: RecordedEvent<Event>[] = [];
  for await (const recorded of readStream(store, serde, stream, after === -1n ? undefined : after)) {
    events.push(recorded);
    if (recorded.revision === appended.revision) break;
  }
  return events;
}
