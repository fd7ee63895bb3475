import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventIdOf, fixedClock, hasCode, isWaybillError, WaybillError, type EventId } from '@waybill/kernel';
import { answers } from './answers.js';
import type { Decider } from './decider.js';
import { documents } from './documents.js';
import type { DomainEvent, RecordedEvent } from './event.js';
import type { EventStore } from './eventStore.js';
import { handle, type Handling } from './handle.js';
import { readStream } from './readStream.js';
import { serde } from './serde.js';
import { someContext, temporaryStore, theServer, type TemporaryStore } from './testing/index.js';

type Event = DomainEvent<'counted', { readonly by: number }>;
interface Count {
  readonly add: readonly number[];
}

const decider: Decider<number, Count, Event> = {
  initialState: () => 0,
  evolve: (state, { data }) => state + data.by,
  decide({ add }, state) {
    if (state > 100) throw new WaybillError('invalid-request', { reason: 'that is enough.' });
    return add.map((by) => ({ type: 'counted', data: { by } }));
  },
};
const events = serde<Event>({ counted: { version: 1 } });
const counted = (by: number): Event => ({ type: 'counted', data: { by } });

describe('handling a command', () => {
  let temporary: TemporaryStore;
  let handling: Handling<number, Count, Event>;
  beforeEach(async () => {
    temporary = await temporaryStore();
    handling = { store: temporary.store, serde: events, decider, clock: fixedClock() };
  });
  afterEach(() => temporary.remove());

  const stream = 'count-1';
  const inStream = async () => {
    const found: RecordedEvent<Event>[] = [];
    for await (const recorded of readStream(temporary.store, events, stream)) found.push(recorded);
    return found;
  };
  /** The real store, with something done before every append. */
  const before = (interfere: () => Promise<void>): EventStore => ({
    ...temporary.store,
    async append(...request) {
      await interfere();
      return temporary.store.append(...request);
    },
  });
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );

  describe('that two servers take under one key with different payloads at the same time', () => {
    const taken = async (streams: readonly [string, string]) => {
      const servers = streams.map((each, i) => {
        const context = someContext('a', { server: i });
        const { store, clock } = handling;
        const kept = answers({ store, clock, documents: documents(store, clock, theServer) });
        return { context, kept, carryOut: () => handle(handling, each, { add: [i + 1] }, context) };
      });
      // Neither finds an answer before the other has one.
      for (const { kept, context } of servers) expect(await kept.find(context)).toBeUndefined();
      const carriedOut = await Promise.all(servers.map(({ carryOut }) => outcome(carryOut())));
      const told: string[] = [];
      for (const { kept, context } of servers)
        told.push(await outcome(kept.keep(context, { status: 204, headers: {} })));
      return { carriedOut: carriedOut.sort(), told };
    };
    const outcome = (call: Promise<unknown>) =>
      call.then(
        () => 'done',
        (error: unknown) => (isWaybillError(error) ? error.code : 'fault'),
      );

    it('is carried out once where both are about the same stream: the other is refused', async () => {
      expect((await taken([stream, stream])).carriedOut).toStrictEqual(['done', 'idempotency-key-reused']);
      expect(await inStream()).toHaveLength(1);
    });

    it('is carried out twice where they are about different streams: only one is told so', async () => {
      expect(await taken([stream, 'count-2'])).toStrictEqual({
        carriedOut: ['done', 'done'],
        told: ['done', 'idempotency-key-reused'],
      });
    });
  });

  it('appends what was decided, with ids that follow from the command', async () => {
    const context = someContext('a');
    const handled = await handle(handling, stream, { add: [1, 2] }, context);
    expect(handled).toStrictEqual({
      outcome: 'done',
      state: 3,
      events: await inStream(),
      revision: 1n,
      position: 1n,
    });
    expect(handled.events.map(({ id, event, revision }) => ({ id, event, revision }))).toStrictEqual([
      { id: eventIdOf(context.commandId, 0), event: counted(1), revision: 0n },
      { id: eventIdOf(context.commandId, 1), event: counted(2), revision: 1n },
    ]);
  });

  it('answers with its own events only, though others append at once after it', async () => {
    const store: EventStore = {
      ...temporary.store,
      async append(...request) {
        const appended = await temporary.store.append(...request);
        await handle(handling, stream, { add: [50] }, someContext('other'));
        return appended;
      },
    };
    const handled = await handle({ ...handling, store }, stream, { add: [1, 2] }, someContext('a'));
    expect({ ...handled, events: handled.events.map(({ event }) => event) }).toStrictEqual({
      outcome: 'done',
      state: 3,
      events: [counted(1), counted(2)],
      revision: 1n,
      position: 1n,
    });
  });

  it('goes on from what the stream holds', async () => {
    await handle(handling, stream, { add: [1, 2] }, someContext('a'));
    const handled = await handle(handling, stream, { add: [4] }, someContext('b'));
    expect({ ...handled, events: handled.events.map(({ event }) => event) }).toStrictEqual({
      outcome: 'done',
      state: 7,
      events: [counted(4)],
      revision: 2n,
      position: 2n,
    });
    expect(handled.events).toStrictEqual((await inStream()).slice(2));
  });

  it('writes nothing when there is nothing to do', async () => {
    const none = await handle(handling, stream, { add: [] }, someContext('a'));
    await handle(handling, stream, { add: [5] }, someContext('b'));
    const still = await handle(handling, stream, { add: [] }, someContext('c'));
    expect([none, still]).toStrictEqual([
      { outcome: 'nothing', state: 0, events: [], revision: -1n, position: -1n },
      { outcome: 'nothing', state: 5, events: [], revision: 0n, position: 0n },
    ]);
  });

  it('answers a repeated command from what it wrote, though the stream has moved on', async () => {
    const first = await handle(handling, stream, { add: [1, 2] }, someContext('a'));
    await handle(handling, stream, { add: [200] }, someContext('b'));
    const again = await handle(handling, stream, { add: [1, 2] }, someContext('a'), { expectedRevision: -1n });
    expect(again).toStrictEqual({ ...first, outcome: 'repeated' });
    expect(await inStream()).toHaveLength(3);
  });

  it('refuses a command id that came with another payload', async () => {
    await handle(handling, stream, { add: [1] }, someContext('a', { add: 1 }));
    const error = await failure(handle(handling, stream, { add: [2] }, someContext('a', { add: 2 })));
    expect(hasCode(error, 'idempotency-key-reused')).toBe(true);
  });

  it('refuses when the stream is not where the caller saw it', async () => {
    await handle(handling, stream, { add: [1, 1] }, someContext('a'));
    const error = await failure(handle(handling, stream, { add: [1] }, someContext('b'), { expectedRevision: 0n }));
    expect(hasCode(error, 'revision-mismatch') && error.details).toStrictEqual({ given: '0', present: '1' });
    const handled = await handle(handling, stream, { add: [1] }, someContext('b'), { expectedRevision: 1n });
    expect(handled.revision).toBe(2n);
  });

  it('decides anew when others were faster', async () => {
    let others = 0;
    const store = before(async () => {
      others += 1;
      if (others <= 3) await handle(handling, stream, { add: [10] }, someContext(`other-${others}`));
    });
    const handled = await handle({ ...handling, store }, stream, { add: [1] }, someContext('a'));
    expect([handled.outcome, handled.state, handled.revision]).toStrictEqual(['done', 31, 3n]);
  });

  it('gives up when others were faster four times', async () => {
    let others = 0;
    const store = before(async () => {
      others += 1;
      await handle(handling, stream, { add: [10] }, someContext(`other-${others}`));
    });
    const error = await failure(handle({ ...handling, store }, stream, { add: [1] }, someContext('a')));
    expect(hasCode(error, 'conflict') && error.details).toStrictEqual({ what: stream, attempts: 4 });
    expect((await inStream()).map(({ event }) => event)).toStrictEqual([10, 10, 10, 10].map(counted));
  });

  it('lets the rules speak again after a conflict', async () => {
    const store = before(async () => {
      await handle(handling, stream, { add: [101] }, someContext('other'));
    });
    const error = await failure(handle({ ...handling, store }, stream, { add: [1] }, someContext('a')));
    expect(hasCode(error, 'invalid-request')).toBe(true);
  });

  it('does a command once when two servers carry it out at the same time', async () => {
    let raced = false;
    const store = before(async () => {
      if (raced) return;
      raced = true;
      await handle(handling, stream, { add: [1, 2] }, someContext('a'));
    });
    const handled = await handle({ ...handling, store }, stream, { add: [1, 2] }, someContext('a'));
    expect(handled).toStrictEqual({
      outcome: 'repeated',
      state: 3,
      events: await inStream(),
      revision: 1n,
      position: 1n,
    });
  });

  it('may be handled again after an append whose answer was lost', async () => {
    const store: EventStore = {
      ...temporary.store,
      async append(...request) {
        await temporary.store.append(...request);
        throw new WaybillError('store-unavailable', { reason: 'the connection broke.' });
      },
    };
    const error = await failure(handle({ ...handling, store }, stream, { add: [1] }, someContext('a')));
    const again = await handle(handling, stream, { add: [1] }, someContext('a'));
    expect(hasCode(error, 'store-unavailable')).toBe(true);
    expect([again.outcome, again.state, (await inStream()).length]).toStrictEqual(['repeated', 1, 1]);
  });

  it('stops at an event that it does not know', async () => {
    const { metadata } = (await handle(handling, stream, { add: [1] }, someContext('a'))).events[0]!;
    const id = '00000000-0000-4000-8000-000000000001' as EventId;
    await temporary.store.append(stream, 'any', [
      { id, type: 'counted.v2', data: {}, metadata: { ...metadata } as never },
    ]);
    const error = await failure(handle(handling, stream, { add: [1] }, someContext('b')));
    expect(hasCode(error, 'event-unknown')).toBe(true);
  });
});
