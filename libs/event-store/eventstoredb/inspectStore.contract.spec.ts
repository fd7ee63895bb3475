import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derivedId, type EventId } from '@waybill/kernel';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import type { EventStore } from '../eventStore.js';
import { openEventStoreDb } from './eventStoreDb.js';

let server: StandIn;
let store: EventStore;
beforeAll(async () => {
  server = await startStandIn();
  store = await openEventStoreDb({ connectionString: server.connectionString });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

describe('an inspection of EventStoreDB', () => {
  it('tells the version of the server, and nothing else when all is well', async () => {
    expect(await store.inspect?.()).toStrictEqual({
      product: 'EventStoreDB',
      version: expect.stringMatching(/^\d+\.\d+/) as unknown,
      findings: [],
    });
  });

  it('finds streams of ours that were told to forget, by the settings in force', async () => {
    const event = (name: string) => ({ id: derivedId('i', name) as EventId, type: 'noted.v1', data: {}, metadata: {} });
    await store.append('instance-1', 'no_stream', [event('1')]);
    await store.append('instance-2', 'no_stream', [event('2')]);
    const client = EventStoreDBClient.connectionString(server.connectionString);
    await client.setStreamMetadata('instance-1', { maxCount: 5, cacheControl: 10 });
    await client.setStreamMetadata('instance-2', { maxAge: 60 });
    await client.setStreamMetadata('instance-2', {});
    await client.dispose();
    expect((await store.inspect?.())?.findings).toStrictEqual([
      { stream: 'instance-1', problem: '$maxCount is 5: the server hides or deletes events' },
    ]);
  });
});
