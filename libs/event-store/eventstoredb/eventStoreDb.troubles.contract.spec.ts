import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import type { StoredEvent } from '../event.js';
import type { EventStore } from '../eventStore.js';
import {
  collect,
  digested,
  failureOf,
  follow,
  newEvent,
  newEvents,
  newStream,
  placed,
  untilCaughtUp,
  withoutPosition,
} from '../testing/contract/storeUnderTest.js';
import { openEventStoreDb, type EventStoreDbOptions } from './eventStoreDb.js';
import type { SubscriptionDrop, SubscriptionLag } from './subscribeToLog.js';

let server: StandIn;
let store: EventStore;
const others: EventStore[] = [];
beforeAll(async () => {
  server = await startStandIn();
  store = await open();
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

const open = (options: Partial<EventStoreDbOptions> = {}) =>
  openEventStoreDb({
    connectionString: server.connectionString,
    ...options,
    timeouts: { answer: 300, patience: 5_000, look: 50, ...options.timeouts },
  });
const another = async (options: Partial<EventStoreDbOptions> = {}) => {
  const other = await open(options);
  others.push(other);
  return other;
};
const contents = async (stream: string) => (await collect(store.read(stream))).map(withoutPosition);
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('an append whose answer is lost', () => {
  it.each(['silence', 'cut'] as const)('in %s is written once, and said to be written', async (how) => {
    const [stream, events] = [newStream(), newEvents(6)];
    await server.dropNextAnswers(1, how);
    expect(await store.append(stream, 'no_stream', events.slice(0, 2))).toMatchObject({
      revision: 1n,
      outcome: 'written',
    });
    await server.dropNextAnswers(1, how);
    expect(await store.append(stream, 1n, events.slice(2, 4))).toMatchObject({ revision: 3n, outcome: 'written' });
    await server.dropNextAnswers(1, how);
    expect(await store.append(stream, 'any', events.slice(4))).toMatchObject({ revision: 5n, outcome: 'written' });
    expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
  });

  it('is found again by a server that has forgotten it meanwhile', async () => {
    const [stream, events] = [newStream(), newEvents(2)];
    await server.dropNextAnswers(1);
    const appending = store.append(stream, 'any', events);
    while ((await contents(stream)).length === 0);
    await server.restart();
    expect(await appending).toMatchObject({ revision: 1n });
    expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
  });
});

describe('two servers that append the same ids', () => {
  it('hear which of them wrote what is in the log', async () => {
    const stream = newStream();
    const event = newEvent({ by: 'one' });
    const other = await another();
    expect(await store.append(stream, 'no_stream', [event])).toMatchObject({ outcome: 'written' });
    expect(await other.append(stream, 'no_stream', [{ ...event, data: { by: 'other' } }])).toMatchObject({
      revision: 0n,
      outcome: 'repeated',
    });
    expect(await contents(stream)).toStrictEqual(placed(stream, 0n, [event]));
  });

  it('share one name for the log', async () => {
    expect((await another()).identity).toBe(store.identity);
  });
});

describe('a server that is away', () => {
  it('is waited for', async () => {
    const stream = newStream();
    await server.kill();
    const calls = [store.append(stream, 'no_stream', newEvents(1)), store.head(), collect(store.read(newStream()))];
    await server.restart();
    expect(await Promise.all(calls)).toMatchObject([{ revision: 0n, outcome: 'written' }, expect.anything(), []]);
  });

  it('is not waited for without end', async () => {
    const hasty = await another({ timeouts: { patience: 100 } });
    await server.kill();
    const calls = await Promise.allSettled([
      hasty.append(newStream(), 'no_stream', newEvents(1)),
      hasty.append(newStream(), 'any', []),
      hasty.head(),
      collect(hasty.read(newStream())),
      collect(hasty.readAll()),
      openEventStoreDb({ connectionString: server.connectionString, timeouts: { patience: 100 } }),
    ]);
    for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    await server.restart();
    expect(await hasty.append(newStream(), 'no_stream', newEvents(1))).toMatchObject({ revision: 0n });
  });

  it('and does not answer is not waited for either, and writes nothing twice when it wakes', async () => {
    const [stream, events] = [newStream(), newEvents(2)];
    const hasty = await another({ timeouts: { answer: 100, patience: 250 } });
    await server.freeze();
    const append = () => hasty.append(stream, 'no_stream', events);
    expect(await failureOf(append())).toMatchObject({ code: 'store-unavailable' });
    expect(await failureOf(collect(hasty.read(stream)))).toMatchObject({ code: 'store-unavailable' });
    await server.thaw();
    expect(await append()).toMatchObject({ revision: 1n });
    expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
  });

  it('is waited for while a read is under way', async () => {
    const [stream, events] = [newStream(), newEvents(500)];
    await store.append(stream, 'no_stream', events);
    const read: StoredEvent[] = [];
    for await (const event of store.read(stream)) {
      if (read.push(event) === 10) await server.cutConnections();
    }
    expect(read.map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    const all: StoredEvent[] = [];
    for await (const event of store.readAll(undefined, { prefixes: [stream] })) {
      if (all.push(event) === 10) await server.cutConnections();
    }
    expect(all).toStrictEqual(read);
  });
});

describe('a cluster', () => {
  it('is found through any of its nodes, and lost and found again in the middle of much work', async () => {
    const nodes = `127.0.0.1:${server.port},127.0.0.1:${server.port}`;
    const clustered = await another({
      connectionString: `esdb://${nodes}?tls=false&maxDiscoverAttempts=2&discoveryInterval=20`,
      timeouts: { patience: 100 },
    });
    const work = () => {
      const calls: Promise<unknown>[] = [clustered.append(newStream(), 'no_stream', newEvents(1))];
      for (let i = 0; i < 50; i++) calls.push(clustered.head(), collect(clustered.read(newStream())));
      return Promise.allSettled(calls);
    };
    expect((await work()).every(({ status }) => status === 'fulfilled')).toBe(true);
    const interrupted = work();
    await server.kill();
    for (const outcome of [...(await interrupted), ...(await work())])
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'store-unavailable' });
    await server.restart();
    expect((await work()).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

describe('a node that must not write', () => {
  it('is asked again until it may', async () => {
    const stream = newStream();
    await server.readOnly(true);
    const appending = store.append(stream, 'no_stream', newEvents(1));
    const hasty = await another({ timeouts: { patience: 60 } });
    expect(await failureOf(hasty.append(stream, 'no_stream', newEvents(1)))).toMatchObject({
      code: 'store-unavailable',
    });
    await server.readOnly(false);
    expect(await appending).toMatchObject({ revision: 0n });
  });

  it('is left for the one that leads', async () => {
    const stream = newStream();
    await server.notLeader({ host: '127.0.0.1', port: server.port });
    const appending = store.append(stream, 'no_stream', newEvents(1));
    const hasty = await another({ timeouts: { patience: 60 } });
    expect(await failureOf(hasty.append(stream, 'no_stream', newEvents(1)))).toMatchObject({
      code: 'store-unavailable',
    });
    await server.notLeader(undefined);
    expect(await appending).toMatchObject({ revision: 0n });
  });
});

describe('a subscription', () => {
  /** Follows a stream until all of the events came; `onEvent` happens before the next one is asked for. */
  const followAll = async (
    from: EventStore,
    stream: string,
    total: number,
    onEvent: (count: number) => Promise<unknown> = () => Promise.resolve(),
  ) => {
    const abort = new AbortController();
    const seen: StoredEvent[] = [];
    for await (const message of from.subscribe({ filter: { prefixes: [stream] }, signal: abort.signal })) {
      if (message.kind !== 'event') continue;
      seen.push(message.event);
      await onEvent(seen.length);
      if (seen.length === total) abort.abort();
    }
    return seen;
  };

  it('goes on behind the last event when the server is killed between two, however often', async () => {
    const [stream, events] = [newStream(), newEvents(90)];
    const drops: SubscriptionDrop[] = [];
    const reporting = await another({ onDrop: (drop) => drops.push(drop) });
    await store.append(stream, 'no_stream', events.slice(0, 30));
    const seen = await followAll(reporting, stream, 90, async (count) => {
      if (count % 30 === 10) await server.restart();
      if (count % 30 === 20 && count < 80) await store.append(stream, 'any', events.slice(count + 10, count + 40));
    });
    expect(seen).toStrictEqual(await collect(store.read(stream)));
    expect(seen.map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    expect(drops.length).toBeGreaterThanOrEqual(3);
    expect(drops[0]).toMatchObject({ error: { code: 'store-unavailable' }, attempt: 1 });
  });

  it('does not give up on a server that stays away, and says so each time', async () => {
    const [stream, events] = [newStream(), newEvents(2)];
    const drops: SubscriptionDrop[] = [];
    const reporting = await another({ random: () => 0, onDrop: (drop) => drops.push(drop) });
    await store.append(stream, 'no_stream', events.slice(0, 1));
    const following = followAll(reporting, stream, 2, async (count) => {
      if (count === 1) await server.kill();
    });
    await until(() => drops.length >= 4);
    await server.restart();
    await store.append(stream, 0n, events.slice(1));
    expect((await following).map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    expect(drops.slice(0, 4).map(({ attempt, pause }) => [attempt, pause])).toStrictEqual([
      [1, 25],
      [2, 50],
      [3, 100],
      [4, 200],
    ]);
  });

  it('of a consumer that is too slow for the server loses nothing', async () => {
    const [stream, total] = [newStream(), 400];
    const drops: SubscriptionDrop[] = [];
    const reporting = await another({ onDrop: (drop) => drops.push(drop) });
    await server.liveBuffer(10);
    await store.append(stream, 'no_stream', newEvents(1));
    let allWritten!: () => void;
    const isWritten = new Promise<void>((resolve) => (allWritten = resolve));
    let live!: () => void;
    const isLive = new Promise<void>((resolve) => (live = resolve));
    const abort = new AbortController();
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const message of reporting.subscribe({ filter: { prefixes: [stream] }, signal: abort.signal })) {
        if (message.kind === 'caught-up') {
          live();
          continue;
        }
        seen.push(message.event);
        // It takes nothing until everything is in the log, which is far more than anything on the way can hold.
        if (seen.length === 2) await isWritten;
        if (seen.length === total) abort.abort();
      }
    })();
    await isLive;
    for (let i = 1; i < total; i++)
      await store.append(stream, BigInt(i - 1), [newEvent(new Uint8Array(20_000).fill(i % 256), 'bytes.v1')]);
    allWritten();
    await following;
    await server.liveBuffer(128);
    expect(seen.map(digested)).toStrictEqual((await collect(store.read(stream))).map(digested));
    expect(drops.map(({ error }) => String(error.details['reason']))).toContainEqual(expect.stringContaining('slow'));
  });

  it('tells how far behind it is', async () => {
    const stream = newStream();
    const lags: SubscriptionLag[] = [];
    const reporting = await another({ onLag: (lag) => lags.push(lag) });
    await store.append(stream, 'no_stream', newEvents(3));
    const end = await store.head();
    const following = new AbortController();
    const messages = reporting.subscribe({ filter: { prefixes: [stream] }, signal: following.signal });
    const reading = (async () => {
      for await (const _ of messages);
    })();
    await until(() => lags.some((lag) => lag.at >= end && lag.end >= end));
    following.abort();
    await reading;
  });
});

describe('what someone else does to the streams', () => {
  const client = () => EventStoreDBClient.connectionString(server.connectionString);
  const written = async (count: number) => {
    const stream = newStream();
    await store.append(stream, 'no_stream', newEvents(count));
    return stream;
  };
  const reported = (stream: string) => ({ code: 'stream-deleted', details: { stream } });

  it('is reported when a stream is deleted', async () => {
    const stream = await written(3);
    await client().deleteStream(stream);
    expect(await failureOf(collect(store.read(stream)))).toMatchObject(reported(stream));
    expect(await failureOf(store.append(stream, 'any', []))).toMatchObject(reported(stream));
    expect(await failureOf(store.append(stream, 'no_stream', newEvents(1)))).toMatchObject(reported(stream));
    expect(await failureOf(collect(store.read(stream)))).toMatchObject(reported(stream));
  });

  it('is reported when a stream is deleted for ever', async () => {
    const stream = await written(3);
    await client().tombstoneStream(stream);
    expect(await failureOf(collect(store.read(stream)))).toMatchObject(reported(stream));
    expect(await failureOf(store.append(stream, 2n, newEvents(1)))).toMatchObject(reported(stream));
    expect(await failureOf(store.append(stream, 'any', newEvents(1)))).toMatchObject(reported(stream));
  });

  it.each([
    ['maxCount', { maxCount: 1 }],
    ['truncateBefore', { truncateBefore: 2 }],
    ['truncateBefore everything', { truncateBefore: 3 }],
  ])('is reported when a stream is cut by %s', async (_, metadata) => {
    const stream = await written(3);
    await client().setStreamMetadata(stream, metadata);
    expect(await failureOf(collect(store.read(stream)))).toMatchObject(reported(stream));
  });

  it('is reported when part of an append is cut away before it is confirmed', async () => {
    const stream = await written(1);
    await client().setStreamMetadata(stream, { maxCount: 1 });
    expect(await failureOf(store.append(stream, 0n, newEvents(2)))).toMatchObject(reported(stream));
  });

  it('is reported to those who follow the streams, when it happens', async () => {
    const family = newStream();
    const [deleted, ended, limited, spared] = ['a', 'b', 'c', 'd'].map((part) => `${family}-${part}`) as [
      string,
      string,
      string,
      string,
    ];
    const told: unknown[] = [];
    const reporting = await another({ onDeletion: (error) => told.push([error.code, error.details['stream']]) });
    for (const stream of [deleted, ended, limited, spared]) await store.append(stream, 'no_stream', newEvents(2));
    await client().deleteStream(deleted);
    await client().tombstoneStream(ended);
    await client().setStreamMetadata(limited, { maxAge: 60 });
    await client().setStreamMetadata(spared, { cacheControl: 60 });
    const seen = await follow(reporting, { prefixes: [family] }, untilCaughtUp);
    expect(seen).toHaveLength(8);
    expect(told).toStrictEqual([deleted, ended, limited].map((stream) => ['stream-deleted', stream]));
  });

  it('is reported when it writes what Waybill cannot read', async () => {
    const stream = newStream();
    const metadata = Buffer.from('{broken');
    await client().appendToStream(
      stream,
      binaryEvent({ id: randomUUID(), type: 'x.v1', data: Buffer.from([1]), metadata }),
    );
    const unreadable = { code: 'event-unreadable', details: { stream, revision: '0' } };
    expect(await failureOf(collect(store.read(stream)))).toMatchObject(unreadable);
    expect(await failureOf(follow(store, { prefixes: [stream] }, untilCaughtUp))).toMatchObject(unreadable);
  });

  it('does not matter in streams of the server and of others', async () => {
    const [mine, theirs] = [newStream(), newStream()];
    const before = await store.head();
    await client().appendToStream(theirs, jsonEvent({ type: '$custom', data: { n: 1 } }));
    await client().setStreamMetadata(newStream(), { maxCount: 1 });
    await store.append(mine, 'no_stream', newEvents(1));
    const streams = (await collect(store.readAll(before))).map(({ stream }) => stream);
    expect(streams).toStrictEqual([mine]);
  });
});

describe('a log that is new', () => {
  it('has a name, and nothing else in it', async () => {
    const empty = await startStandIn();
    const first = await openEventStoreDb({ connectionString: empty.connectionString });
    expect([await first.head(), await collect(first.readAll())]).toStrictEqual([-1n, []]);
    const [stream, events] = [newStream(), newEvents(2)];
    const { position } = await first.append(stream, 'no_stream', events);
    expect(await first.head()).toBe(position);
    expect((await collect(first.readAll())).map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    await first.close();
    await empty.stop();
  });
});
