import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock } from '@waybill/kernel';
import { answers } from './answers.js';
import { documents } from './documents.js';
import { someContext, theServer } from './testing/commands.js';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.remove());

/** As another server of the same log has them. */
const anyServer = () => {
  const { store } = temporary;
  return answers({ store, clock: fixedClock(), documents: documents(store, fixedClock(), theServer) });
};
const created = { status: 201, headers: { location: '/x', etag: '"0"' }, body: '{"id":"x"}' };

describe('the answer to a command', () => {
  it('is not there before it was given', async () => {
    expect(await anyServer().find(someContext('a'))).toBeUndefined();
  });

  it('is found again by every server, to the letter', async () => {
    const kept = await anyServer().keep(someContext('a'), created);
    expect(await anyServer().find(someContext('a'))).toStrictEqual(kept);
    expect(kept).toStrictEqual({ ...created, position: 0n });
  });

  it('without a body is found without one', async () => {
    await anyServer().keep(someContext('a'), { status: 204, headers: {} });
    expect(await anyServer().find(someContext('a'))).toStrictEqual({ status: 204, headers: {}, position: 0n });
  });

  it('may be longer than an append takes', async () => {
    const body = JSON.stringify({ text: '数'.repeat(700_000) });
    await anyServer().keep(someContext('a'), { ...created, body });
    expect((await anyServer().find(someContext('a')))?.body).toBe(body);
  });

  it('is that of whoever was first', async () => {
    const first = await anyServer().keep(someContext('a'), created);
    expect(await anyServer().keep(someContext('a'), { status: 200, headers: {}, body: '{}' })).toStrictEqual(first);
  });

  it('is not given to another request under the same key', async () => {
    await anyServer().keep(someContext('a', { name: 'x' }), created);
    const other = someContext('a', { name: 'y' });
    await expect(anyServer().find(other)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    await expect(anyServer().keep(other, created)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  });
});
