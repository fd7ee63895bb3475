import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../eventStore.js';
import { openSqliteEventStore } from '../sqlite/sqliteEventStore.js';

export interface TemporaryStore {
  readonly store: EventStore;
  /** Fresh, for other files of the test. */
  readonly folder: string;
  /** Closes the store and removes the folder. */
  remove(): Promise<void>;
}

/** An embedded event store in a folder of its own. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-events-'));
  const store = await openSqliteEventStore({ file: join(folder, 'events.db') });
  return {
    store,
    folder,
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
