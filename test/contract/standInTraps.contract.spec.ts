import { ANY, END, EventStoreDBClient, jsonEvent, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import type { AppendExpectedRevision, JSONEventType } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStandIn } from '../support/eventstoredb/standIn.mjs';
import type { StandIn } from '../support/eventstoredb/standIn.mjs';
import { waitFor } from '../support/waitFor.js';

/** What was seen of a genuine server beside the answers that are compared one by one, and what the stand-in can be told to do. */
let standIn: StandIn;
let client: EventStoreDBClient;
beforeEach(async () => {
  standIn = await startStandIn();
  client = EventStoreDBClient.connectionString(standIn.connectionString);
});
afterEach(async () => {
  await standIn.stop();
  await client.dispose();
});

type Happened = JSONEventType<'happened.v1', { readonly n: number }>;
const happened = (n: number, id: string = randomUUID()) =>
  jsonEvent<Happened>({ id, type: 'happened.v1', data: { n } });
const append = (stream: string, n: number, expectedRevision: AppendExpectedRevision, id?: string) =>
  client.appendToStream(stream, happened(n, id), { expectedRevision });
const numbersIn = async (stream: string) => {
  const numbers: number[] = [];
  for await (const { event } of client.readStream<Happened>(stream)) numbers.push(event!.data.n);
  return numbers;
};
const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason as Error & { code?: number; type?: string },
  );
  return { kind: error?.constructor.name, code: error?.code, type: error?.type, message: error?.message };
};

describe('repeated appends', () => {
  it('with an exact revision are recognised after a restart', async () => {
    const id = randomUUID();
    await append('a', 1, NO_STREAM, id);
    await standIn.restart();
    await numbersIn('a').catch(() => undefined);
    const again = await append('a', 1, NO_STREAM, id);
    expect([again.nextExpectedRevision, await numbersIn('a')]).toEqual([0n, [1]]);
  });

  it('with any revision are recognised until the restart, and written twice after it', async () => {
    const id = randomUUID();
    await append('a', 1, ANY, id);
    await append('a', 1, ANY, id);
    expect(await numbersIn('a')).toEqual([1]);
    await standIn.restart();
    await numbersIn('a').catch(() => undefined);
    await append('a', 1, ANY, id);
    expect(await numbersIn('a')).toEqual([1, 1]);
  });

  it('at the revision the first one led to write a second copy, and so does one id twice in one append', async () => {
    const id = randomUUID();
    await append('a', 1, NO_STREAM, id);
    await append('a', 1, 0n, id);
    await client.appendToStream('b', [happened(1, id), happened(1, id)], { expectedRevision: NO_STREAM });
    expect([await numbersIn('a'), await numbersIn('b')]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe('refusals', () => {
  it('of a wrong revision carry no message on the batch call', async () => {
    await append('a', 1, NO_STREAM);
    expect(await failureOf(append('a', 2, NO_STREAM))).toEqual({
      kind: 'WrongExpectedVersionError',
      code: undefined,
      type: 'wrong-expected-version',
      message: '',
    });
  });

  it('of a wrong revision are the same on the plain append call, which credentials lead to', async () => {
    const credentials = { username: 'admin', password: 'changeit' };
    const first = await client.appendToStream('a', happened(1), { expectedRevision: NO_STREAM, credentials });
    const second = client.appendToStream('a', happened(2), { expectedRevision: NO_STREAM, credentials });
    expect([first.nextExpectedRevision, await second.catch((error: unknown) => error)]).toEqual([
      0n,
      expect.objectContaining({ type: 'wrong-expected-version', expectedVersion: 'no_stream', actualVersion: 0n }),
    ]);
  });

  it('of deleting a missing stream carry numbers for words', async () => {
    expect(await client.deleteStream('a', { expectedRevision: ANY }).catch((error: unknown) => error)).toMatchObject({
      type: 'wrong-expected-version',
      code: 9,
      expectedVersion: -2n,
      actualVersion: -1n,
    });
  });
});

describe('an append that its caller gave up halfway', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => happened(n));
  const credentials = { username: 'admin', password: 'changeit' };

  it.each([1, 10, 40, 80])('after %i ms is written whole or not at all', async (deadline) => {
    await client.appendToStream('a', happened(0));
    const call = client.appendToStream('b', many, { expectedRevision: NO_STREAM, credentials, deadline });
    await failureOf(call);
    await client.appendToStream('a', happened(1));
    expect((await numbersIn('b').catch(() => [])).length % many.length).toBe(0);
  });

  it('by losing its connection is written whole or not at all', async () => {
    await client.appendToStream('a', happened(0));
    const call = client.appendToStream('b', many, { expectedRevision: NO_STREAM, credentials });
    setTimeout(() => void standIn.cutConnections(), 30);
    await failureOf(call);
    expect((await numbersIn('b').catch(() => [])).length % many.length).toBe(0);
  });
});

describe('a tombstone', () => {
  it('ends a stream for ever, its metadata and a missing one included', async () => {
    await client.tombstoneStream('a', { expectedRevision: ANY });
    const refused = { kind: 'StreamDeletedError', type: 'stream-deleted' };
    expect(await failureOf(append('a', 1, NO_STREAM))).toMatchObject(refused);
    expect(await failureOf(client.setStreamMetadata('a', { maxCount: 1 }))).toMatchObject(refused);
    expect(await failureOf(numbersIn('a'))).toMatchObject(refused);
  });
});

describe('subscriptions', () => {
  it('hear of every 32nd event that was looked at, wanted or not', async () => {
    await client.appendToStream(
      'other',
      Array.from({ length: 6_000 }, (_, n) => happened(n)),
      { expectedRevision: NO_STREAM },
    );
    let checkpoints = 0;
    const checkpointReached = () => Promise.resolve(void (checkpoints += 1));
    const subscription = client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({ prefixes: ['none-'], checkpointReached }),
    });
    await new Promise((resolve, reject) => subscription.on('caughtUp', resolve).on('error', reject));
    await subscription.unsubscribe();
    expect(checkpoints).toBe(187);
  });

  it('that take live events too slowly are dropped with code 10', async () => {
    await standIn.liveBuffer(10);
    const slow = client.subscribeToStream('a', { fromRevision: END }, { highWaterMark: 1 });
    const dropped = new Promise((resolve) => slow.on('error', resolve));
    await new Promise((resolve) => slow.on('caughtUp', resolve));
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n++) await client.appendToStream('a', jsonEvent({ type: 'big.v1', data: { text } }));
    slow.resume();
    expect(await dropped).toMatchObject({ type: 'timeout', code: 10, message: /Consumer too slow/ });
  });

  it('to a stream end when it is tombstoned', async () => {
    await append('a', 1, NO_STREAM);
    const subscription = client.subscribeToStream('a', { fromRevision: END });
    const ended = new Promise((resolve) => subscription.on('error', resolve));
    await new Promise((resolve) => subscription.on('caughtUp', resolve));
    await client.tombstoneStream('a', { expectedRevision: ANY });
    expect(await ended).toMatchObject({ type: 'stream-deleted', streamName: 'a' });
  });
});

describe('a server that is killed', () => {
  it('rejects what is pending, ends subscriptions with one error, and is found again with its data by the same client', async () => {
    await append('a', 1, NO_STREAM);
    const subscription = client.subscribeToStream('a', { fromRevision: START });
    const errors: unknown[] = [];
    subscription.on('error', (error) => errors.push(error)).resume();
    await new Promise((resolve) => subscription.on('caughtUp', resolve));
    await standIn.dropNextAnswers(1);
    const pending = failureOf(append('a', 2, 0n));
    await waitFor('the append to be committed', async () => ((await numbersIn('a')).length === 2 ? true : undefined));
    await standIn.kill();
    expect(await pending).toMatchObject({ kind: 'UnavailableError', code: 14 });
    expect([errors.length, errors[0]]).toEqual([1, expect.objectContaining({ code: 14, type: 'unavailable' })]);
    expect(await failureOf(numbersIn('a'))).toMatchObject({ kind: 'UnavailableError', code: 14 });
    expect(await failureOf(append('a', 3, 1n))).toMatchObject({ kind: 'Error', code: 14, type: undefined });
    await standIn.restart();
    expect(await waitFor('the server', () => numbersIn('a').catch(() => undefined))).toEqual([1, 2]);
  });
});

describe('orders', () => {
  it('lose an answer after committing: the same append again is acknowledged and writes nothing', async () => {
    await append('a', 1, NO_STREAM);
    await standIn.dropNextAnswers(1, 'cut');
    const id = randomUUID();
    expect(await failureOf(append('a', 2, 0n, id))).toMatchObject({ code: 14 });
    const again = await waitFor('the server', () => append('a', 2, 0n, id).catch(() => undefined));
    expect([again.nextExpectedRevision, await numbersIn('a')]).toEqual([1n, [1, 2]]);
  });

  it('lose an answer in silence: the append never ends, and is there', async () => {
    await standIn.dropNextAnswers(1);
    let ended = false;
    void append('a', 1, NO_STREAM)
      .finally(() => (ended = true))
      .catch(() => undefined);
    expect(await waitFor('the event', () => numbersIn('a').catch(() => undefined))).toEqual([1]);
    expect([(await append('a', 2, 0n)).nextExpectedRevision, ended]).toEqual([1n, false]);
  });

  it('delay answers', async () => {
    await append('a', 1, NO_STREAM);
    await standIn.delay(200);
    const before = performance.now();
    await append('a', 2, 0n);
    expect(performance.now() - before).toBeGreaterThan(190);
  });

  it('freeze it: nothing is answered until it thaws', async () => {
    await append('a', 1, NO_STREAM);
    await standIn.freeze();
    const second = append('a', 2, 0n);
    expect(await Promise.race([second, delay(200, 'silence')])).toBe('silence');
    await standIn.thaw();
    await second;
    expect(await numbersIn('a')).toEqual([1, 2]);
  });

  it('refuse writes as a node without a leader does, and answer reads', async () => {
    await append('a', 1, NO_STREAM);
    await standIn.readOnly(true);
    expect(await failureOf(append('a', 2, 0n))).toMatchObject({
      kind: 'UnknownError',
      message: 'Could not recognize No leader info available in response',
    });
    expect(await numbersIn('a')).toEqual([1]);
    await standIn.readOnly(false);
    expect((await append('a', 2, 0n)).nextExpectedRevision).toBe(1n);
  });

  it('name a leader, to which the client then turns', async () => {
    const leader = await startStandIn();
    try {
      await append('a', 1, NO_STREAM);
      await standIn.notLeader({ host: '127.0.0.1', port: leader.port });
      expect(await failureOf(append('a', 2, 0n))).toMatchObject({ kind: 'NotLeaderError', type: 'not-leader' });
      expect((await append('b', 1, NO_STREAM)).nextExpectedRevision).toBe(0n);
      expect(await numbersIn('b')).toEqual([1]);
      expect(await failureOf(numbersIn('a'))).toMatchObject({ kind: 'StreamNotFoundError' });
    } finally {
      await leader.stop();
    }
  });
});

describe('the server itself', () => {
  it('says that it is alive, and is found by discovery', async () => {
    const { status } = await fetch(`http://127.0.0.1:${standIn.port}/health/live`);
    const found = EventStoreDBClient.connectionString(`esdb+discover://127.0.0.1:${standIn.port}?tls=false`);
    const { success } = await found.appendToStream('a', happened(1), { expectedRevision: NO_STREAM });
    await found.dispose();
    expect([status, success]).toEqual([204, true]);
  });
});

describe('a server with users', () => {
  let guardedServer: StandIn;
  beforeEach(async () => {
    guardedServer = await startStandIn({ users: { ops: 'secret' } });
  });
  afterEach(() => guardedServer.stop());

  const outcomeFor = async (who: string) => {
    const caller = EventStoreDBClient.connectionString(guardedServer.connectionString.replace('//', `//${who}`));
    const outcome = await caller.appendToStream('a', happened(1), { expectedRevision: NO_STREAM }).then(
      ({ nextExpectedRevision }) => nextExpectedRevision,
      (error: unknown) => (error as { type?: string }).type,
    );
    await caller.dispose();
    return outcome;
  };

  it('speaks TLS and takes only the right password', async () => {
    expect([await outcomeFor(''), await outcomeFor('ops:wrong@'), await outcomeFor('ops:secret@')]).toEqual([
      'access-denied',
      'access-denied',
      0n,
    ]);
  });
});
