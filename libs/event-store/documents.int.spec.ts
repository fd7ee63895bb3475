import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock, hasCode, sha256, WaybillError, type EventId } from '@waybill/kernel';
import { documentStream } from './documentPieces.js';
import { documents } from './documents.js';
import type { EventStore } from './eventStore.js';
import { temporaryStore, theServer, type TemporaryStore } from './testing/index.js';

const PIECE = 262_144;
/** Bytes that no two pieces share. */
const bytesOf = (size: number) =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16)) & 255);

describe('documents in the log', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(() => temporary.remove());

  const documentsIn = (store: Pick<EventStore, 'append' | 'read'>) => documents(store, fixedClock(), theServer);
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );
  /** A whole comparison of large arrays that does not print them. */
  const expectBytes = async (found: Promise<Uint8Array>, expected: Uint8Array) =>
    expect(Buffer.compare(await found, expected)).toBe(0);
  const head = () => temporary.store.head();
  const typesOf = async (digest: ReturnType<typeof sha256>) => {
    const types: string[] = [];
    for await (const { type } of temporary.store.read(documentStream(digest))) types.push(type);
    return types;
  };
  const appendTo = (stream: string, type: string, data: Uint8Array) =>
    temporary.store.append(stream, 'any', [
      { id: '00000000-0000-4000-8000-000000000001' as EventId, type, data, metadata: {} },
    ]);

  it.each([
    ['nothing', 0, 0],
    ['one byte', 1, 1],
    ['exactly one piece', PIECE, 1],
    ['one byte more than a piece', PIECE + 1, 2],
    ['more than one append', 5 * PIECE + 17, 6],
  ])('give back %s', async (_, size, pieces) => {
    const bytes = bytesOf(size);
    const digest = await documentsIn(temporary.store).put(bytes);
    expect(digest).toBe(sha256(bytes));
    await expectBytes(documentsIn(temporary.store).get(digest), bytes);
    expect(await typesOf(digest)).toStrictEqual([
      ...Array.from({ length: pieces }, () => 'document-piece.v1'),
      'document-completed.v1',
    ]);
  });

  it('keep a value as its canonical JSON', async () => {
    const digest = await documentsIn(temporary.store).putJson({ b: [1, null], a: 'é' });
    expect(new TextDecoder().decode(await documentsIn(temporary.store).get(digest))).toBe('{"a":"é","b":[1,null]}');
    expect(await documentsIn(temporary.store).getJson(digest)).toStrictEqual({ a: 'é', b: [1, null] });
  });

  it('are written once, however often and by however many they are put', async () => {
    const bytes = bytesOf(4 * PIECE + 1);
    const [one, other] = [documentsIn(temporary.store), documentsIn(temporary.store)];
    await Promise.all([one.put(bytes), other.put(bytes), one.put(bytes)]);
    const before = await head();
    await other.put(bytes);
    expect(await head()).toBe(before);
    expect(before).toBe(5n);
    await expectBytes(one.get(sha256(bytes)), bytes);
  });

  it('are read once by whoever reads them again, and each reader may change what it got', async () => {
    const bytes = bytesOf(100);
    const digest = await documentsIn(temporary.store).put(bytes);
    let reads = 0;
    const counting: Pick<EventStore, 'append' | 'read'> = {
      append: (...request) => temporary.store.append(...request),
      read(...request) {
        reads += 1;
        return temporary.store.read(...request);
      },
    };
    const found = documentsIn(counting);
    (await found.get(digest)).fill(0);
    await expectBytes(found.get(digest), bytes);
    await found.put(bytes);
    expect(reads).toBe(1);
  });

  it('are finished when a writer was cut off in the middle', async () => {
    const bytes = bytesOf(9 * PIECE);
    const digest = sha256(bytes);
    const { store } = temporary;
    let appends = 0;
    const failing: Pick<EventStore, 'append' | 'read'> = {
      read: (...request) => store.read(...request),
      append(...request) {
        appends += 1;
        if (appends === 3) throw new WaybillError('store-unavailable', { reason: 'it was killed.' });
        return store.append(...request);
      },
    };
    expect(hasCode(await failure(documentsIn(failing).put(bytes)), 'store-unavailable')).toBe(true);
    const unfinished = await failure(documentsIn(store).get(digest));
    expect([await documentsIn(store).has(digest), hasCode(unfinished, 'document-missing')]).toStrictEqual([
      false,
      true,
    ]);
    await documentsIn(store).put(bytes);
    await expectBytes(documentsIn(store).get(digest), bytes);
    expect(await typesOf(digest)).toHaveLength(10);
  });

  it('are finished where another writer cut them in other places', async () => {
    const bytes = bytesOf(3 * PIECE);
    const digest = sha256(bytes);
    await appendTo(documentStream(digest), 'document-piece.v1', bytes.subarray(0, PIECE));
    await documentsIn(temporary.store).put(bytes);
    await expectBytes(documentsIn(temporary.store).get(digest), bytes);
  });

  it('that are not there are missing', async () => {
    const digest = sha256('nobody wrote this');
    const error = await failure(documentsIn(temporary.store).get(digest));
    expect(hasCode(error, 'document-missing') && error.details).toStrictEqual({ digest });
    expect(await documentsIn(temporary.store).has(digest)).toBe(false);
  });

  it('of other content than their name says are damaged, and are not added to', async () => {
    const bytes = bytesOf(2 * PIECE);
    const digest = sha256(bytes);
    await appendTo(documentStream(digest), 'document-piece.v1', new Uint8Array(PIECE));
    const error = await failure(documentsIn(temporary.store).put(bytes));
    expect(hasCode(error, 'document-damaged') && error.details).toStrictEqual({ digest });
    expect(await typesOf(digest)).toStrictEqual(['document-piece.v1']);
  });

  it('that were changed afterwards are damaged', async () => {
    const digest = await documentsIn(temporary.store).put(bytesOf(100));
    const { store } = temporary;
    const changed: Pick<EventStore, 'append' | 'read'> = {
      append: (...request) => store.append(...request),
      async *read(stream) {
        for await (const event of store.read(stream))
          yield event.data instanceof Uint8Array ? { ...event, data: event.data.map((byte) => byte ^ 1) } : event;
      },
    };
    expect(hasCode(await failure(documentsIn(changed).get(digest)), 'document-damaged')).toBe(true);
    await appendTo(documentStream(digest), 'document-piece.v1', bytesOf(1));
    expect(hasCode(await failure(documentsIn(store).get(digest)), 'document-damaged')).toBe(true);
  });

  it('that are no JSON are not read as JSON', async () => {
    const digest = await documentsIn(temporary.store).put(Buffer.from('{"a":'));
    expect(hasCode(await failure(documentsIn(temporary.store).getJson(digest)), 'document-damaged')).toBe(true);
  });
});
