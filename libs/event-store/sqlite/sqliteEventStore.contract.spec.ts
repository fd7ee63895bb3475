import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../eventStore.js';
import { eventStoreContract } from '../testing/eventStoreContract.js';
import { openSqliteEventStore } from './sqliteEventStore.js';

const folder = mkdtempSync(join(tmpdir(), 'waybill-contract-'));
let generation = 0;
let store: EventStore | undefined;
const fileOf = (n: number) => join(folder, `log-${n}.db`);
const open = async () => (store = await openSqliteEventStore({ file: fileOf(generation) }));

eventStoreContract({
  name: 'SQLite',
  open,
  // What the disk holds at a kill: the files as they are, without the work that closing does.
  async reopen() {
    const [left, next] = [fileOf(generation), fileOf(++generation)];
    for (const part of ['', '-wal']) if (existsSync(left + part)) copyFileSync(left + part, next + part);
    await store?.close();
    return open();
  },
  async dispose() {
    await store?.close();
    rmSync(folder, { recursive: true });
  },
});
