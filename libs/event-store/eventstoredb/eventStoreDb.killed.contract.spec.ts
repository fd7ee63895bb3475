import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCode } from '@waybill/kernel';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import type { EventToAppend, StoredEvent } from '../event.js';
import type { Appended, EventStore } from '../eventStore.js';
import { collect, newEvents, newStream, placed, withoutPosition } from '../testing/contract/storeUnderTest.js';
import { openEventStoreDb } from './eventStoreDb.js';

let server: StandIn;
let store: EventStore;
beforeAll(async () => {
  server = await startStandIn();
  store = await openEventStoreDb({
    connectionString: server.connectionString,
    timeouts: { answer: 200, patience: 400, look: 50 },
  });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

/** Kills and restarts the server every few hundred milliseconds, and lets answers get lost in between, until told to end. */
function trouble() {
  const end = new AbortController();
  let kills = 0;
  const making = (async () => {
    while (!end.signal.aborted) {
      await server.dropNextAnswers(3, kills % 2 === 0 ? 'silence' : 'cut');
      await delay(150 + (kills % 4) * 50);
      await server.kill();
      kills += 1;
      await delay(kills % 5 === 0 ? 600 : 40);
      await server.restart();
    }
    await server.dropNextAnswers(0);
  })();
  return {
    async end() {
      end.abort();
      await making;
      return kills;
    },
  };
}

describe('a thousand appends through a server that is killed again and again, and loses answers', () => {
  const [writers, each] = [5, 200];

  it('are all there, each once, in order, where their answers said; and a subscription saw the same', async () => {
    const family = newStream();
    const work = Array.from({ length: writers }, (_, n) => ({ stream: `${family}-${n}`, events: newEvents(each) }));
    let unknown = 0;

    /** What a caller does: the same append again until it is answered. */
    const appended = async (stream: string, i: number, event: EventToAppend): Promise<Appended> => {
      for (;;)
        try {
          return await store.append(stream, i === 0 ? 'no_stream' : BigInt(i - 1), [event]);
        } catch (error) {
          if (!hasCode(error, 'store-unavailable')) throw error;
          unknown += 1;
        }
    };
    const write = async ({ stream, events }: (typeof work)[number]) => {
      const answers: Appended[] = [];
      for (const [i, event] of events.entries()) answers.push(await appended(stream, i, event));
      return answers;
    };
    const abort = new AbortController();
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const message of store.subscribe({ filter: { prefixes: [family] }, signal: abort.signal })) {
        if (message.kind === 'event') seen.push(message.event);
        if (seen.length === writers * each) abort.abort();
      }
    })();

    const troubles = trouble();
    const answers = await Promise.all(work.map(write));
    const kills = await troubles.end();
    await following;

    for (const [n, { stream, events }] of work.entries()) {
      const stored = await collect(store.read(stream));
      expect(stored.map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
      expect(answers[n]!.map(({ revision, position }) => ({ revision, position }))).toStrictEqual(
        stored.map(({ revision, position }) => ({ revision, position })),
      );
    }
    expect(seen).toStrictEqual(await collect(store.readAll(undefined, { prefixes: [family] })));
    expect(kills).toBeGreaterThan(5);
    expect(unknown).toBeGreaterThan(0);
  });
});
