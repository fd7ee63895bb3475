import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import type { EventStore } from '../eventStore.js';
import { eventStoreContract } from '../testing/eventStoreContract.js';
import { openEventStoreDb } from './eventStoreDb.js';

const folder = mkdtempSync(join(tmpdir(), 'waybill-contract-'));
let server: StandIn | undefined;
let store: EventStore | undefined;
const open = async () => {
  server ??= await startStandIn({ folder });
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
