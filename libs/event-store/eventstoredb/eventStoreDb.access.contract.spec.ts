import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import {
  collect,
  failureOf,
  newEvents,
  newStream,
  placed,
  withoutPosition,
} from '../testing/contract/storeUnderTest.js';
import { openEventStoreDb } from './eventStoreDb.js';

const PASSWORD = 'p@ss/w?rd';
let server: StandIn;
beforeAll(async () => {
  server = await startStandIn({ users: { waybill: PASSWORD } });
});
afterAll(() => server.stop());

const open = (password: string, change = (address: string) => address) =>
  openEventStoreDb({
    connectionString: change(
      server.connectionString.replace('esdb://', `esdb://waybill:${encodeURIComponent(password)}@`),
    ),
    timeouts: { answer: 1_000, patience: 500 },
  });

describe('a store with TLS, users and passwords', () => {
  it('lets in who knows the password, for reads, appends and subscriptions', async () => {
    const store = await open(PASSWORD);
    const [stream, events] = [newStream(), newEvents(3)];
    expect(await store.append(stream, 'no_stream', events)).toMatchObject({ revision: 2n, outcome: 'written' });
    expect((await collect(store.read(stream))).map(withoutPosition)).toStrictEqual(placed(stream, 0n, events));
    const abort = new AbortController();
    let seen = 0;
    for await (const { kind } of store.subscribe({ filter: { prefixes: [stream] }, signal: abort.signal })) {
      if (kind === 'event') seen += 1;
      if (seen === 3) abort.abort();
    }
    await store.close();
  });

  it('tells a wrong password from a store that is away, and repeats neither', async () => {
    const error = await failureOf(open('hunter2'));
    expect(error).toMatchObject({ code: 'store-denied' });
    expect(everythingIn(error)).not.toContain('hunter2');
  });

  it('is not talked to when its certificate is not known', async () => {
    const error = await failureOf(open(PASSWORD, (address) => address.replace(/&?tlsCAFile=[^&]*/, '')));
    expect(error).toMatchObject({ code: 'store-unavailable' });
    expect(everythingIn(error)).not.toContain(encodeURIComponent(PASSWORD));
  });
});

/** All the text that a log could show of an error and of what caused it. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = isWaybillError(error) ? JSON.stringify(error.details) : JSON.stringify(Object.entries(error));
  return `${error.message} ${error.stack ?? ''} ${details} ${everythingIn(error.cause)}`;
}
