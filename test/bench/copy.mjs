import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyLog, openEventStoreDb, openSqliteEventStore } from '@waybill/event-store';
import { fillLog } from './someLog.mjs';
import { timed } from './timed.mjs';
import { startStandInProcess } from '../support/eventstoredb/standInProcess.mjs';

/** Carries a log from the embedded store to EventStoreDB and back, and says how fast. Without `--to` a stand-in of the tests serves as EventStoreDB. */
export async function bench({ args, add, say }) {
  const options = { events: { type: 'string', default: '30000' }, to: { type: 'string' } };
  const { values } = parseArgs({ args, options, strict: false });
  const events = Number(values.events);
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  const server = values.to === undefined ? await startStandInProcess({ folder: join(folder, 'server') }) : undefined;
  const from = await openSqliteEventStore({ file: join(folder, 'from.db') });
  const there = await openEventStoreDb({ connectionString: values.to ?? server.connectionString });
  const back = await openSqliteEventStore({ file: join(folder, 'back.db') });
  const direct = await openSqliteEventStore({ file: join(folder, 'direct.db') });
  const product = server === undefined ? 'EventStoreDB' : 'stand-in of EventStoreDB';
  const copied = async (what, stores) => {
    const { seconds, result } = await timed(() => copyLog(stores));
    add({ what: `copy ${what}`, value: events / seconds, unit: 'events/s' });
    return result.digest;
  };
  try {
    await fillLog(from, events);
    const digests = new Set([
      await copied(`embedded → ${product}`, { from, to: there }),
      await copied(`${product} → embedded`, { from: there, to: back }),
      await copied('embedded → embedded', { from, to: direct }),
    ]);
    say(
      digests.size === 1
        ? `all copies have the digest ${[...digests][0]}`
        : `THE COPIES DIFFER: ${[...digests].join(' ')}`,
    );
    if (digests.size > 1) process.exitCode = 1;
  } finally {
    for (const store of [from, there, back, direct]) await store.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
