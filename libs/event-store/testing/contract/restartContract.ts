import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../event.js';
import {
  collect,
  failureOf,
  follow,
  newEvents,
  newStream,
  placed,
  untilCount,
  withoutPosition,
  type StoreUnderTest,
} from './storeUnderTest.js';

/** What holds when the store goes away and comes back. */
export function restartContract(store: StoreUnderTest): void {
  describe('after a restart', () => {
    it('everything acknowledged is there, at the same places, under the same identity', async () => {
      const [stream, events] = [newStream(), newEvents(10)];
      const { identity } = store.current();
      await store.current().append(stream, 'no_stream', events.slice(0, 6));
      await store.current().append(stream, 5n, events.slice(6));
      const before = await collect(store.current().readAll(undefined, { prefixes: [stream] }));
      const restarted = await store.restart();
      expect(restarted.identity).toBe(identity);
      expect(await collect(restarted.read(stream))).toStrictEqual(before);
      expect(await collect(restarted.readAll(undefined, { prefixes: [stream] }))).toStrictEqual(before);
    });

    it('an append whose answer was lost is repeated without a second event', async () => {
      const [stream, events] = [newStream(), newEvents(4)];
      const first = await store.current().append(stream, 'no_stream', events.slice(0, 2));
      const second = await store.current().append(stream, 1n, events.slice(2));
      const restarted = await store.restart();
      expect(await restarted.append(stream, 'no_stream', events.slice(0, 2))).toStrictEqual({
        ...first,
        outcome: 'repeated',
      });
      expect(await restarted.append(stream, 1n, events.slice(2))).toStrictEqual({ ...second, outcome: 'repeated' });
      expect((await collect(restarted.read(stream))).map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    });

    it('an append that nobody waited for can be repeated until it is answered', async () => {
      const [stream, events] = [newStream(), newEvents(3)];
      const lost = failureOf(store.current().append(stream, 'no_stream', events));
      const restarted = await store.restart();
      await lost;
      const { revision } = await restarted.append(stream, 'no_stream', events);
      expect(revision).toBe(2n);
      expect((await collect(restarted.read(stream))).map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    });

    it('a stream goes on where it ended', async () => {
      const [stream, events] = [newStream(), newEvents(2)];
      const { position } = await store.current().append(stream, 'no_stream', events.slice(0, 1));
      const restarted = await store.restart();
      expect(await failureOf(restarted.append(stream, 'no_stream', newEvents(1)))).toMatchObject({
        code: 'wrong-expected-revision',
        details: { actual: '0' },
      });
      const next = await restarted.append(stream, 0n, events.slice(1));
      expect(next).toMatchObject({ revision: 1n, outcome: 'written' });
      expect(next.position > position).toBe(true);
    });

    it('a subscription that was cut off says so, and another one goes on after its last event', async () => {
      const [stream, events] = [newStream(), newEvents(30)];
      await store.current().append(stream, 'no_stream', events.slice(0, 10));
      const seen: StoredEvent[] = [];
      let caughtUp!: () => void;
      const live = new Promise<void>((resolve) => (caughtUp = resolve));
      const following = failureOf(
        (async () => {
          const { signal } = new AbortController();
          for await (const message of store.current().subscribe({ filter: { prefixes: [stream] }, signal }))
            if (message.kind === 'event') seen.push(message.event);
            else caughtUp();
        })(),
      );
      await live;
      await store.current().append(stream, 9n, events.slice(10, 20));
      const restarted = await store.restart();
      expect(await following).toMatchObject({ code: 'store-unavailable' });
      await restarted.append(stream, 19n, events.slice(20));
      const rest = await follow(
        restarted,
        { after: seen.at(-1)!.position, prefixes: [stream] },
        untilCount(30 - seen.length),
      );
      expect([...seen, ...rest]).toStrictEqual(await collect(restarted.read(stream)));
    });
  });

  describe('a closed store', () => {
    it('tells a subscription that waits for more', async () => {
      const { signal } = new AbortController();
      const filter = { prefixes: [newStream()] };
      const messages = store.current().subscribe({ filter, signal })[Symbol.asyncIterator]();
      expect((await messages.next()).value).toMatchObject({ kind: 'caught-up' });
      const waiting = failureOf(
        (async () => {
          while (!(await messages.next()).done);
        })(),
      );
      await store.current().head();
      await store.current().close();
      expect(await waiting).toMatchObject({ code: 'store-unavailable' });
      await store.restart();
    });

    it('refuses everything and can be closed again', async () => {
      const closed = store.current();
      const [stream, events] = [newStream(), newEvents(2)];
      await closed.append(stream, 'no_stream', events.slice(0, 1));
      await closed.close();
      await closed.close();
      const refusals = [
        closed.append(stream, 0n, events.slice(1)),
        collect(closed.read(stream)),
        collect(closed.readAll()),
        collect(closed.subscribe({ signal: new AbortController().signal })),
        closed.head(),
      ];
      for (const refusal of refusals) expect(await failureOf(refusal)).toMatchObject({ code: 'store-unavailable' });
      const restarted = await store.restart();
      expect((await collect(restarted.read(stream))).map(withoutPosition)).toStrictEqual(
        placed(stream, 0n, events.slice(0, 1)),
      );
    });

    it('has answered every append that was called before', async () => {
      const [stream, events] = [newStream(), newEvents(50)];
      const answers = Promise.allSettled(events.map((event) => store.current().append(stream, 'any', [event])));
      await store.current().close();
      const settled = await answers;
      const restarted = await store.restart();
      const ids = new Set((await collect(restarted.read(stream))).map(({ id }) => id));
      const lost = events.filter((event, i) => settled[i]!.status === 'fulfilled' && !ids.has(event.id));
      expect(lost).toStrictEqual([]);
    });
  });
}
