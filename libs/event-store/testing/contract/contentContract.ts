import { describe, expect, it } from 'vitest';
import { canonicalJson, type CanonicalValue } from '@waybill/kernel';
import type { EventToAppend } from '../../event.js';
import { MAX_APPEND_BYTES } from '../../eventStore.js';
import {
  collect,
  digested,
  failureOf,
  newEvent,
  newEvents,
  newStream,
  placed,
  withoutPosition,
  type StoreUnderTest,
} from './storeUnderTest.js';

/** Contents: what comes back as it was given, and what is refused before anything is written. */
export function contentContract(store: StoreUnderTest): void {
  const roundTrip = async (events: readonly EventToAppend[], stream = newStream()) => {
    await store.current().append(stream, 'no_stream', events);
    const read = (await collect(store.current().read(stream))).map(withoutPosition);
    expect(read.map(digested)).toStrictEqual(placed(stream, 0n, events).map(digested));
    return read;
  };
  const sized = (bytes: number): EventToAppend => {
    const event = newEvent();
    return { ...event, data: new Uint8Array(bytes - Buffer.byteLength(canonicalJson(event.metadata))).fill(7) };
  };

  describe('an event', () => {
    it.each<readonly [string, CanonicalValue]>([
      ['an object', { b: 1, a: [true, null, 'x', { deep: [] }], empty: {}, '': 0 }],
      ['an array', [1, 2, [3]]],
      ['a text', 'text "quoted" \\ \n \u0000 \u2028 é 🚀'],
      ['a number', Number.MAX_SAFE_INTEGER],
      ['zero', 0],
      ['false', false],
      ['null', null],
      ['an empty text', ''],
      [
        'keys that programs trip over',
        JSON.parse('{"__proto__":1,"constructor":2,"é":3,"10":4,"9":5}') as CanonicalValue,
      ],
    ])('that is %s comes back canonically equal', async (_, data) => {
      const [read] = await roundTrip([{ ...newEvent(data), metadata: { wrapped: data } }]);
      expect(canonicalJson(read!.data as CanonicalValue)).toBe(canonicalJson(data));
      expect(canonicalJson(read!.metadata)).toBe(canonicalJson({ wrapped: data }));
    });

    it('keeps its bytes, none of them too', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, i) => i);
      const none = new Uint8Array();
      const part = every.subarray(100, 103);
      const read = await roundTrip([every, none, { n: 1 }, part].map((data) => newEvent(data)));
      expect(read.map(({ data }) => data)).toStrictEqual([every, none, { n: 1 }, new Uint8Array([100, 101, 102])]);
    });

    it('takes no part in what its writer does to the bytes afterwards', async () => {
      const [stream, bytes] = [newStream(), new Uint8Array([1, 2, 3])];
      const appending = store.current().append(stream, 'no_stream', [newEvent(bytes)]);
      bytes.fill(9);
      await appending;
      expect((await collect(store.current().read(stream)))[0]!.data).toStrictEqual(new Uint8Array([1, 2, 3]));
    });

    it('may have a stream, a type and data in any script', async () => {
      await roundTrip([newEvent({ 名: '数据库 🚀' }, '已发布.v1')], newStream('模板-一 %_\'"é🚀'));
    });

    it('leaves out members that are undefined', async () => {
      const stream = newStream();
      await store.current().append(stream, 'no_stream', [newEvent({ a: 1, b: undefined })]);
      expect((await collect(store.current().read(stream)))[0]!.data).toStrictEqual({ a: 1 });
    });
  });

  describe('a refused append', () => {
    const good = newEvent();
    const bad = (change: { readonly [K in keyof EventToAppend]?: unknown }) =>
      ({ ...good, ...change }) as EventToAppend;
    it.each<readonly [string, readonly EventToAppend[]]>([
      ['an id that is no UUID', [bad({ id: 'one' })]],
      ['an id in upper case', [bad({ id: good.id.toUpperCase().replace(/^./, 'A') })]],
      ['an empty type', [bad({ type: '' })]],
      ['a type of the store itself', [bad({ type: '$metadata' })]],
      ['one id twice', [good, newEvent(), bad({ data: 2 })]],
      ['a fraction', [bad({ data: { n: 1.5 } })]],
      ['a bigint', [bad({ data: { n: 1n } })]],
      ['a date', [bad({ data: { at: new Date(0) } })]],
      ['half a character', [bad({ data: '\ud800' })]],
      ['metadata that are not canonical', [bad({ metadata: { n: NaN } })]],
      ['metadata that are missing', [bad({ metadata: undefined })]],
    ])('with %s writes nothing, and the next one is served', async (_, events) => {
      const stream = newStream();
      const attempt = store.current().append(stream, 'no_stream', [newEvent(), ...events]);
      expect(await failureOf(attempt)).toMatchObject({ code: 'append-invalid', details: { stream } });
      await roundTrip([newEvent()], stream);
    });

    it.each(['', '$all', '$ce-contract', 'contract-\0', 'contract-\ud800'])(
      'to the stream %j is invalid',
      async (stream) => {
        const attempt = store.current().append(stream, 'any', [newEvent()]);
        expect(await failureOf(attempt)).toMatchObject({ code: 'append-invalid', details: { stream } });
      },
    );

    it('has one byte too many', async () => {
      const stream = newStream();
      const size = MAX_APPEND_BYTES + 1;
      expect(await failureOf(store.current().append(stream, 'no_stream', [sized(size)]))).toMatchObject({
        code: 'append-too-large',
        details: { stream, size, limit: MAX_APPEND_BYTES },
      });
      await roundTrip([sized(MAX_APPEND_BYTES)], stream);
    });

    it('has too many bytes in all its events together', async () => {
      const stream = newStream();
      const events = Array.from({ length: 5 }, () => sized(MAX_APPEND_BYTES / 4));
      expect(await failureOf(store.current().append(stream, 'no_stream', events))).toMatchObject({
        code: 'append-too-large',
      });
      await roundTrip(events.slice(0, 4), stream);
    });

    it('is too large when its characters are few and its bytes many', async () => {
      const attempt = store.current().append(newStream(), 'no_stream', [newEvent('é'.repeat(MAX_APPEND_BYTES / 2))]);
      expect(await failureOf(attempt)).toMatchObject({ code: 'append-too-large' });
    });

    it('does not keep the others from being written', async () => {
      const stream = newStream();
      const events = newEvents(3);
      const settled = await Promise.allSettled([
        store.current().append(stream, 'any', [events[0]!]),
        store.current().append(stream, 'any', [bad({ type: '' })]),
        store.current().append(stream, 7n, [newEvent()]),
        store.current().append(stream, 'any', [events[1]!]),
      ]);
      expect(settled.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      const ids = (await collect(store.current().read(stream))).map(({ id }) => id);
      expect(ids.toSorted()).toStrictEqual([events[0]!.id, events[1]!.id].toSorted());
    });
  });
}
