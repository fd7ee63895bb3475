import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyLog, openEventStoreDb, openSqliteEventStore } from '@waybill/event-store';
import { fillLog } from './someLog.mjs';
import { timed } from './timed.mjs';
import { startStandInProcess } from '../support/eventstoredb/standInProcess.mjs';

/** Carries a log from the embedded store to EventStoreDB and back, and says how fast. Without `--to` a stand-in of the tests serves as EventStoreDB. */
export async function bench(args) {
  const options = { events: { type: 'string', default: '100000' }, to: { type: 'string' } };
  const { values } = parseArgs({ args, options });
  const events = Number(values.events);
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  const server = values.to === undefined ? await startStandInProcess({ folder: join(folder, 'server') }) : undefined;
  const from = await openSqliteEventStore({ file: join(folder, 'from.db') });
  const there = await openEventStoreDb({ connectionString: values.to ?? server.connectionString });
  const back = await openSqliteEventStore({ file: join(folder, 'back.db') });
  const direct = await openSqliteEventStore({ file: join(folder, 'direct.db') });
  const product = server === undefined ? 'EventStoreDB' : 'stand-in of EventStoreDB';
  try {
    await timed('write the log', events, () => fillLog(from, events));
    const first = await timed(`copy embedded → ${product}`, events, () => copyLog({ from, to: there }));
    const second = await timed(`copy ${product} → embedded`, events, () => copyLog({ from: there, to: back }));
    const third = await timed('copy embedded → embedded', events, () => copyLog({ from, to: direct }));
    const alike = new Set([first.digest, second.digest, third.digest]).size === 1;
    console.log(`${alike ? 'all copies have the digest' : 'THE COPIES DIFFER:'} ${first.digest}`);
    if (!alike) process.exitCode = 1;
  } finally {
    for (const store of [from, there, back, direct]) await store.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
