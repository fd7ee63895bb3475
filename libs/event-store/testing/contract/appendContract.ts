import { describe, expect, it } from 'vitest';
import type { ExpectedRevision } from '../../eventStore.js';
import {
  collect,
  failureOf,
  newEvent,
  newEvents,
  newStream,
  placed,
  withoutPosition,
  type StoreUnderTest,
} from './storeUnderTest.js';

/** Appends: what the writer believes of a stream, what is a repetition, and who wins. */
export function appendContract(store: StoreUnderTest): void {
  const append = (...call: Parameters<ReturnType<StoreUnderTest['current']>['append']>) =>
    store.current().append(...call);
  const contents = async (stream: string) => (await collect(store.current().read(stream))).map(withoutPosition);
  const streamOf = async (count: number) => {
    const [stream, events] = [newStream(), newEvents(count)];
    const { position } = await append(stream, 'no_stream', events);
    return { stream, events, position };
  };

  describe('an expected revision', () => {
    it.each<ExpectedRevision>(['no_stream', 'any'])('%s begins a new stream', async (expected) => {
      const [stream, events] = [newStream(), newEvents(3)];
      expect(await append(stream, expected, events)).toMatchObject({ revision: 2n, outcome: 'written' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it.each<ExpectedRevision>([1n, 'any', 'stream_exists'])('%s goes on where a stream ends', async (expected) => {
      const { stream, events } = await streamOf(2);
      const more = newEvents(2, 2);
      expect(await append(stream, expected, more)).toMatchObject({ revision: 3n, outcome: 'written' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, [...events, ...more]));
    });

    it.each<ExpectedRevision>(['no_stream', 0n, 2n, 9_007_199_254_740_993n])(
      '%s is wrong for a stream at 1, and nothing is written',
      async (expected) => {
        const { stream, events } = await streamOf(2);
        expect(await failureOf(append(stream, expected, newEvents(2)))).toMatchObject({
          code: 'wrong-expected-revision',
          details: { stream, expected: String(expected), actual: '1' },
        });
        expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
      },
    );

    it.each<ExpectedRevision>([0n, 5n, 'stream_exists'])(
      '%s is wrong for a stream that is not there',
      async (expected) => {
        const stream = newStream();
        expect(await failureOf(append(stream, expected, newEvents(1)))).toMatchObject({
          code: 'wrong-expected-revision',
          details: { stream, expected: String(expected), actual: 'no_stream' },
        });
        expect(await contents(stream)).toStrictEqual([]);
      },
    );
  });

  describe('a repeated append', () => {
    it.each<ExpectedRevision>(['no_stream', 'any'])('under %s is acknowledged and written once', async (expected) => {
      const [stream, events] = [newStream(), newEvents(3)];
      const first = await append(stream, expected, events);
      expect(await append(stream, expected, events)).toStrictEqual({ ...first, outcome: 'repeated' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('under an exact revision is acknowledged even when others have written since', async () => {
      const { stream, events } = await streamOf(2);
      const [mine, others] = [newEvents(2, 2), newEvents(3, 4)];
      const first = await append(stream, 1n, mine);
      await append(stream, 3n, others);
      expect(await append(stream, 1n, mine)).toStrictEqual({ ...first, outcome: 'repeated' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, [...events, ...mine, ...others]));
    });

    it('may be the beginning of what was written', async () => {
      const { stream, events } = await streamOf(3);
      expect(await append(stream, 'no_stream', events.slice(0, 2))).toMatchObject({
        revision: 1n,
        outcome: 'repeated',
      });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('may be the end of what was written, at the revision before it', async () => {
      const { stream, events, position } = await streamOf(3);
      expect(await append(stream, 0n, events.slice(1))).toStrictEqual({ revision: 2n, position, outcome: 'repeated' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('is another append when new events follow the known ones', async () => {
      const { stream, events } = await streamOf(3);
      const attempt = append(stream, 'no_stream', [events[0]!, newEvent()]);
      expect(await failureOf(attempt)).toMatchObject({ code: 'wrong-expected-revision', details: { actual: '2' } });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('is another append when the known events stand elsewhere in the stream', async () => {
      const { stream, events } = await streamOf(3);
      const attempt = append(stream, 'no_stream', [events[1]!]);
      expect(await failureOf(attempt)).toMatchObject({ code: 'wrong-expected-revision' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('is recognised by its ids alone: the first content stays', async () => {
      const { stream, events } = await streamOf(1);
      const other = { ...newEvent({ other: true }, 'other.v1'), id: events[0]!.id };
      expect(await append(stream, 'no_stream', [other])).toMatchObject({ revision: 0n, outcome: 'repeated' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, events));
    });

    it('is a second event when it expects the revision that the first one made', async () => {
      const { stream, events } = await streamOf(1);
      expect(await append(stream, 0n, events)).toMatchObject({ revision: 1n, outcome: 'written' });
      expect(await contents(stream)).toStrictEqual(placed(stream, 0n, [...events, ...events]));
    });

    it('concerns its own stream only', async () => {
      const { events } = await streamOf(2);
      const other = newStream();
      expect(await append(other, 'no_stream', events)).toMatchObject({ revision: 1n, outcome: 'written' });
      expect(await contents(other)).toStrictEqual(placed(other, 0n, events));
    });
  });

  describe('an append without events', () => {
    it('makes no stream', async () => {
      const stream = newStream();
      expect(await append(stream, 'no_stream', [])).toStrictEqual({
        revision: -1n,
        position: -1n,
        outcome: 'repeated',
      });
      expect(await failureOf(append(stream, 'stream_exists', newEvents(1)))).toMatchObject({
        code: 'wrong-expected-revision',
      });
    });

    it('answers where a stream stands', async () => {
      const { stream, position } = await streamOf(3);
      expect(await append(stream, 2n, [])).toStrictEqual({ revision: 2n, position, outcome: 'repeated' });
    });
  });

  describe('concurrent appenders', () => {
    it('have one winner at the beginning of a stream', async () => {
      const stream = newStream();
      const attempts = newEvents(100).map((event) => append(stream, 'no_stream', [event]));
      const settled = await Promise.allSettled(attempts);
      const winner = settled.findIndex(({ status }) => status === 'fulfilled');
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of settled)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'wrong-expected-revision', details: { actual: '0' } });
      expect((await contents(stream)).map(({ data }) => data)).toStrictEqual([{ n: winner }]);
    });

    it('have one winner per revision, and all get their turn', async () => {
      const stream = newStream();
      let running = newEvents(100);
      const winners: string[] = [];
      for (let next = 0n; running.length > 0; next++) {
        const expected = next === 0n ? 'no_stream' : next - 1n;
        const settled = await Promise.allSettled(running.map((event) => append(stream, expected, [event])));
        const won = running.filter((_, i) => settled[i]!.status === 'fulfilled');
        expect(won).toHaveLength(1);
        winners.push(won[0]!.id);
        running = running.filter((event) => event !== won[0]);
      }
      expect((await contents(stream)).map(({ id }) => id)).toStrictEqual(winners);
    });

    it('on streams of their own are all served', async () => {
      const writes = newEvents(100).map((event) => ({ stream: newStream(), event }));
      await Promise.all(writes.map(({ stream, event }) => append(stream, 'no_stream', [event])));
      for (const { stream, event } of writes) expect(await contents(stream)).toStrictEqual(placed(stream, 0n, [event]));
    });
  });
}
