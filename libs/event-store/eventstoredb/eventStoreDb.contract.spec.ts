import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from '../../../test/support/eventstoredb/testServer.mjs';
import type { EventStore } from '../eventStore.js';
import { eventStoreContract } from '../testing/eventStoreContract.js';
import { openEventStoreDb } from './eventStoreDb.js';

const folder = mkdtempSync(join(tmpdir(), 'waybill-contract-'));
let server: Awaited<ReturnType<typeof startTestServer>> | undefined;
let store: EventStore | undefined;
const open = async () => {
  server ??= await startTestServer({ folder });
  return (store = await openEventStoreDb({ connectionString: server.connectionString, timeouts: { look: 50 } }));
};

eventStoreContract({
  name: 'EventStoreDB',
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
