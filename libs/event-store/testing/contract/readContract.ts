import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../event.js';
import {
  collect,
  digested,
  newEvent,
  newEvents,
  newStream,
  placed,
  withoutPosition,
  type StoreUnderTest,
} from './storeUnderTest.js';

/** Reads: what comes, in which order, from where, and through which filter. */
export function readContract(store: StoreUnderTest): void {
  const nameOf = ({ stream, revision }: StoredEvent) => `${stream}@${revision.toString()}`;

  /** Appends of one to three events to three streams in turn; names in log order. */
  const writeMixed = async (family: string, appends: number) => {
    const streams = ['a', 'b', 'c'].map((part) => `${family}-${part}`);
    const last = new Map<string, bigint>();
    const written: string[] = [];
    for (let i = 0; i < appends; i++) {
      const stream = streams[(i * 7) % 3]!;
      const revision = last.get(stream);
      const events = newEvents(1 + (i % 3));
      const appended = await store.current().append(stream, revision ?? 'no_stream', events);
      const first = (revision ?? -1n) + 1n;
      events.forEach((_, n) => written.push(`${stream}@${(first + BigInt(n)).toString()}`));
      last.set(stream, appended.revision);
    }
    return { streams, written };
  };

  describe('a stream', () => {
    it('is read forwards, from its beginning or after any revision', async () => {
      const [stream, events] = [newStream(), newEvents(5)];
      await store.current().append(stream, 'no_stream', events);
      const all = placed(stream, 0n, events);
      expect((await collect(store.current().read(stream))).map(withoutPosition)).toStrictEqual(all);
      for (let from = -1; from <= 6; from++) {
        const read = await collect(store.current().read(stream, BigInt(from)));
        expect(read.map(withoutPosition)).toStrictEqual(all.slice(from + 1));
      }
    });

    it('that does not exist yields nothing', async () => {
      expect(await collect(store.current().read(newStream()))).toStrictEqual([]);
      expect(await collect(store.current().read(newStream(), 3n))).toStrictEqual([]);
    });

    it('is told apart from those whose names begin alike', async () => {
      const stream = newStream();
      for (const name of [stream, `${stream}-1`, stream.toUpperCase()])
        await store.current().append(name, 'no_stream', [newEvent({ name })]);
      expect((await collect(store.current().read(stream))).map(({ data }) => data)).toStrictEqual([{ name: stream }]);
    });

    it('may be long and large', async () => {
      const stream = newStream();
      const events = newEvents(700);
      await store.current().append(stream, 'no_stream', events);
      const large = Array.from({ length: 12 }, (_, i) => newEvent(new Uint8Array(900_000).fill(i), 'bytes.v1'));
      for (const [i, event] of large.entries()) await store.current().append(stream, 699n + BigInt(i), [event]);
      const read = (await collect(store.current().read(stream))).map(withoutPosition);
      expect(read.map(digested)).toStrictEqual(placed(stream, 0n, [...events, ...large]).map(digested));
    });

    it('may be left in the middle of a read', async () => {
      const stream = newStream();
      await store.current().append(stream, 'no_stream', newEvents(600));
      for await (const event of store.current().read(stream)) if (event.revision === 300n) break;
      expect(await store.current().append(stream, 599n, newEvents(1))).toMatchObject({ revision: 600n });
    });

    it('can be read many times at once', async () => {
      const [stream, events] = [newStream(), newEvents(300)];
      await store.current().append(stream, 'no_stream', events);
      const reads = await Promise.all(Array.from({ length: 10 }, () => collect(store.current().read(stream))));
      for (const read of reads) expect(read.map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    });
  });

  describe('the whole log', () => {
    it('has the order in which appends were acknowledged, and positions that grow', async () => {
      const family = newStream();
      const { written } = await writeMixed(family, 30);
      const read = await collect(store.current().readAll(undefined, { prefixes: [family] }));
      expect(read.map(nameOf)).toStrictEqual(written);
      expect(read.every((event, i) => i === 0 || event.position > read[i - 1]!.position)).toBe(true);
    });

    it('shows events at the position that their append was answered with', async () => {
      const stream = newStream();
      const first = await store.current().append(stream, 'no_stream', newEvents(2));
      const second = await store.current().append(stream, 1n, newEvents(1));
      const read = await collect(store.current().read(stream));
      expect([read[1]!.position, read[2]!.position]).toStrictEqual([first.position, second.position]);
      const all = await collect(store.current().readAll(undefined, { prefixes: [stream] }));
      expect(all).toStrictEqual(read);
    });

    it('can be resumed after every one of its events', async () => {
      const family = newStream();
      await writeMixed(family, 25);
      const filter = { prefixes: [family] };
      const all = await collect(store.current().readAll(undefined, filter));
      expect(all).toHaveLength(49);
      for (const [i, { position }] of all.entries())
        expect(await collect(store.current().readAll(position, filter))).toStrictEqual(all.slice(i + 1));
    });

    it('is filtered by the beginnings of stream names', async () => {
      const family = newStream();
      const { streams, written } = await writeMixed(family, 12);
      await store.current().append(`x${family}`, 'no_stream', newEvents(1));
      const through = async (...prefixes: readonly string[]) =>
        (await collect(store.current().readAll(undefined, { prefixes }))).map(nameOf);
      const of = (...names: readonly string[]) =>
        written.filter((name) => names.some((stream) => name.startsWith(`${stream}@`)));
      expect(await through(streams[1]!)).toStrictEqual(of(streams[1]!));
      expect(await through(streams[2]!, streams[0]!)).toStrictEqual(of(streams[0]!, streams[2]!));
      expect(await through(family)).toStrictEqual(written);
      expect(await through(family, streams[0]!)).toStrictEqual(written);
      expect(await through(`${streams[0]!}-and-more`, newStream())).toStrictEqual([]);
      expect(await through()).toStrictEqual([]);
    });

    it('takes the letters of a filter as they are', async () => {
      const family = newStream('模板');
      const names = ['%', '_', '.*', 'é', '\\', "'", '"', '[', 'X', 'x'].map((letter) => `${family}-${letter}`);
      for (const name of names) await store.current().append(name, 'no_stream', newEvents(1));
      for (const name of names) {
        const read = await collect(store.current().readAll(undefined, { prefixes: [name] }));
        expect(read.map(({ stream }) => stream)).toStrictEqual([name]);
      }
    });

    it('is read to the end that it has, however much is added meanwhile', async () => {
      const stream = newStream();
      const events = newEvents(600);
      await store.current().append(stream, 'no_stream', events);
      const read: string[] = [];
      for await (const event of store.current().readAll(undefined, { prefixes: [stream] })) {
        read.push(event.id);
        if (read.length % 100 === 0) await store.current().append(stream, 'any', newEvents(1));
        if (read.length > 700) break;
      }
      expect(read.slice(0, 600)).toStrictEqual(events.map(({ id }) => id));
      expect(read.length).toBeLessThanOrEqual(606);
    });

    it('has a head that nothing of ours lies behind', async () => {
      const stream = newStream();
      const before = await store.current().head();
      const { position } = await store.current().append(stream, 'no_stream', newEvents(3));
      const head = await store.current().head();
      expect(before < position && position <= head).toBe(true);
      expect(await collect(store.current().readAll(head, { prefixes: [stream] }))).toStrictEqual([]);
    });
  });
}
