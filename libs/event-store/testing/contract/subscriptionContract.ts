import { describe, expect, it } from 'vitest';
import type { SubscriptionMessage } from '../../eventStore.js';
import {
  collect,
  follow,
  newEvent,
  newEvents,
  newStream,
  untilCaughtUp,
  untilCount,
  type StoreUnderTest,
} from './storeUnderTest.js';

/** Subscriptions: everything once and in order, from any place, at the consumer's pace, until aborted. */
export function subscriptionContract(store: StoreUnderTest): void {
  const ids = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

  describe('a subscription', () => {
    it('begins with what is there and then tells that it caught up', async () => {
      const [stream, events] = [newStream(), newEvents(600)];
      const { position } = await store.current().append(stream, 'no_stream', events);
      let caughtUpAt: bigint | undefined;
      const seen = await follow(store.current(), { prefixes: [stream] }, (_, message) => {
        if (message.kind === 'caught-up') caughtUpAt = message.position;
        return message.kind === 'caught-up';
      });
      expect(ids(seen)).toStrictEqual(ids(events));
      expect(caughtUpAt! >= position).toBe(true);
    });

    it('sees what is appended after it began, in streams that did not exist', async () => {
      const [stream, events] = [newStream(), newEvents(5)];
      const after = await store.current().head();
      let appended = false;
      const seen = await follow(store.current(), { after, prefixes: [stream] }, (all, message) => {
        if (message.kind === 'caught-up' && !appended) {
          appended = true;
          void store.current().append(stream, 'no_stream', events);
        }
        return untilCount(5)(all);
      });
      expect(ids(seen)).toStrictEqual(ids(events));
    });

    it('tells that it caught up again after what it was not interested in', async () => {
      const [stream, other] = [newStream(), newStream()];
      const abort = new AbortController();
      const kinds: string[] = [];
      let wanted = -1n;
      const filter = { prefixes: [stream] };
      for await (const message of store.current().subscribe({ filter, signal: abort.signal })) {
        kinds.push(message.kind);
        if (message.kind !== 'caught-up') continue;
        if (wanted < 0n) ({ position: wanted } = await store.current().append(other, 'no_stream', [newEvent()]));
        else if (message.position >= wanted) abort.abort();
      }
      expect(new Set(kinds)).toStrictEqual(new Set(['caught-up']));
    });

    it('misses and doubles nothing while others write, wherever it begins', async () => {
      const stream = newStream();
      const total = 400;
      const events = newEvents(total);
      const before = await store.current().head();
      const write = async () => {
        for (let i = 0; i < total; i += 8)
          await Promise.all(events.slice(i, i + 8).map((event) => store.current().append(stream, 'any', [event])));
      };
      const writing = write();
      const early = follow(store.current(), { after: before, prefixes: [stream] }, untilCount(total));
      const late = follow(
        store.current(),
        { after: before, prefixes: [stream] },
        (all) => all.length >= total / 2,
      ).then(async (half) => {
        const rest = follow(
          store.current(),
          { after: half.at(-1)!.position, prefixes: [stream] },
          untilCount(total - half.length),
        );
        return [...half, ...(await rest)];
      });
      await writing;
      const log = await collect(store.current().read(stream));
      expect(ids(log).toSorted()).toStrictEqual(ids(events).toSorted());
      expect(await early).toStrictEqual(log);
      expect(await late).toStrictEqual(log);
    });

    it('resumes after every position', async () => {
      const stream = newStream();
      await store.current().append(stream, 'no_stream', newEvents(20));
      const all = await collect(store.current().read(stream));
      for (const [i, { position }] of all.entries()) {
        const rest = await follow(store.current(), { after: position, prefixes: [stream] }, untilCaughtUp);
        expect(rest).toStrictEqual(all.slice(i + 1));
      }
    });

    it('waits for a slow consumer while much is appended', async () => {
      const stream = newStream();
      const events = newEvents(300);
      await store.current().append(stream, 'no_stream', events.slice(0, 50));
      const abort = new AbortController();
      const seen: string[] = [];
      let appending: Promise<unknown> | undefined;
      const filter = { prefixes: [stream] };
      for await (const message of store.current().subscribe({ filter, signal: abort.signal })) {
        if (message.kind !== 'event') continue;
        seen.push(message.event.id);
        appending ??= Promise.all(
          Array.from({ length: 25 }, (_, i) =>
            store.current().append(stream, 'any', events.slice(50 + i * 10, 60 + i * 10)),
          ),
        );
        // All of it is in the log before the consumer asks for the next event.
        if (seen.length === 1) await appending;
        else await new Promise((resolve) => setImmediate(resolve));
        if (seen.length === events.length) abort.abort();
      }
      expect(seen).toStrictEqual(ids(await collect(store.current().read(stream))));
      expect(seen.toSorted()).toStrictEqual(ids(events).toSorted());
    });

    it('serves many at once, each with its own filter', async () => {
      const family = newStream();
      const streams = Array.from({ length: 10 }, (_, i) => `${family}-${i}`);
      const following = streams.map((stream) => follow(store.current(), { prefixes: [stream] }, untilCount(10)));
      for (let round = 0; round < 10; round++)
        await Promise.all(
          streams.map((stream) => store.current().append(stream, 'any', [newEvent({ stream, round })])),
        );
      const seen = await Promise.all(following);
      expect(seen.map((events) => events.map(({ data }) => data))).toStrictEqual(
        streams.map((stream) => Array.from({ length: 10 }, (_, round) => ({ stream, round }))),
      );
    });

    it('ends when it is aborted: before it began, while it waits, and between two events', async () => {
      const stream = newStream();
      await store.current().append(stream, 'no_stream', newEvents(10));
      const filter = { prefixes: [stream] };
      expect(await collect(store.current().subscribe({ filter, signal: AbortSignal.abort() }))).toStrictEqual([]);

      const waiting = new AbortController();
      const kinds: SubscriptionMessage['kind'][] = [];
      for await (const message of store.current().subscribe({ filter, signal: waiting.signal })) {
        kinds.push(message.kind);
        // Aborted only once the subscription has asked for more and has nothing.
        if (message.kind === 'caught-up') setImmediate(() => waiting.abort());
      }
      expect(kinds.filter((kind) => kind === 'event')).toHaveLength(10);

      expect(await follow(store.current(), { prefixes: [stream] }, untilCount(3))).toHaveLength(3);
    });

    it('may be left without an abort', async () => {
      const stream = newStream();
      await store.current().append(stream, 'no_stream', newEvents(10));
      const { signal } = new AbortController();
      const seen: bigint[] = [];
      for await (const message of store.current().subscribe({ filter: { prefixes: [stream] }, signal })) {
        if (message.kind === 'event') seen.push(message.event.revision);
        if (seen.length === 2) break;
      }
      expect(seen).toStrictEqual([0n, 1n]);
      expect(await store.current().append(stream, 9n, newEvents(1))).toMatchObject({ revision: 10n });
    });
  });
}
