import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock } from '@waybill/kernel';
import { documents } from './documents.js';
import { dryRunStore } from './dryRun.js';
import { collect, failureOf, newEvents } from './testing/contract/storeUnderTest.js';
import { theServer } from './testing/commands.js';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
  await temporary.store.append('a', 'no_stream', newEvents(2));
});
afterEach(() => temporary.remove());

describe('a store for a dry run', () => {
  it('reads what the log has, and then what was appended to it', async () => {
    const dry = dryRunStore(temporary.store);
    const more = newEvents(2);
    expect(await dry.append('a', 1n, more)).toMatchObject({ revision: 3n, outcome: 'written' });
    expect((await collect(dry.read('a'))).map(({ revision }) => revision)).toStrictEqual([0n, 1n, 2n, 3n]);
    expect((await collect(dry.read('a', 1n))).map(({ id }) => id)).toStrictEqual(more.map(({ id }) => id));
    expect(await collect(dry.read('a', 3n))).toStrictEqual([]);
  });

  it('writes nothing to the log', async () => {
    const dry = dryRunStore(temporary.store);
    await dry.append('b', 'no_stream', newEvents(1));
    await documents(dry, fixedClock(), theServer).putJson({ a: 1 });
    await dry.close();
    expect(await collect(temporary.store.readAll())).toHaveLength(2);
    expect(await collect(dryRunStore(temporary.store).read('b'))).toStrictEqual([]);
  });

  it('has the documents that were put', async () => {
    const dry = documents(dryRunStore(temporary.store), fixedClock(), theServer);
    expect(await dry.getJson(await dry.putJson({ a: 1 }))).toStrictEqual({ a: 1 });
    expect(await dry.getJson(await dry.putJson({ a: 1 }))).toStrictEqual({ a: 1 });
  });

  it.each([['no_stream'], [0n], [2n]] as const)('refuses what the log would refuse: expecting %s', async (expected) => {
    const dry = dryRunStore(temporary.store);
    expect(await failureOf(dry.append('a', expected, newEvents(1)))).toMatchObject({
      code: 'wrong-expected-revision',
      details: { stream: 'a', expected: String(expected), actual: '1' },
    });
    expect(await failureOf(dry.append('c', 'stream_exists', newEvents(1)))).toMatchObject({
      code: 'wrong-expected-revision',
    });
  });
});
