import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from '../../../test/support/eventstoredb/testServer.mjs';
import type { EventStore } from '../eventStore.js';
import { eventStoreContract } from '../testing/eventStoreContract.js';
import { openEventStoreDb } from './eventStoreDb.js';

/** A genuine server, named by `npm run test:eventstoredb`; nobody here can kill that one, so its client is cut off instead. */
const genuine = process.env['WAYBILL_TEST_EVENTSTORE'];
const folder = mkdtempSync(join(tmpdir(), 'waybill-contract-'));
let server: Awaited<ReturnType<typeof startTestServer>> | undefined;
let store: EventStore | undefined;
const open = async () => {
  server ??= await startTestServer({ folder });
  return (store = await openEventStoreDb({ connectionString: server.connectionString, timeouts: { look: 50 } }));
};

eventStoreContract({
  name: genuine === undefined ? 'EventStoreDB, stood in for' : 'EventStoreDB',
  open,
  async reopen() {
    await server?.restart();
    await store?.close();
    return open();
  },
  async dispose() {
    await store?.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  },
});
