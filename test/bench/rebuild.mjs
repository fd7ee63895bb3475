import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { openEventStoreDb, openSqliteEventStore, readModels } from '@waybill/event-store';
import { startStandInProcess } from '../support/eventstoredb/standInProcess.mjs';
import { fillLog } from './someLog.mjs';
import { timed } from './timed.mjs';

/** One row for each event, as the lists of the server have. */
const projection = {
  name: 'listing',
  version: 1,
  filter: { prefixes: ['instance-', 'document-'] },
  init: (db) => db.exec('CREATE TABLE listing_seen (n INTEGER PRIMARY KEY, stream TEXT, type TEXT)'),
  apply: (db, event) => db.run('INSERT INTO listing_seen (stream, type) VALUES (?, ?)', event.stream, event.type),
};

/** Rebuilds read models from the embedded store and from EventStoreDB, beside a bare loop of the client. Without `--to` a stand-in serves. */
export async function bench(args) {
  const options = { events: { type: 'string', default: '100000' }, to: { type: 'string' } };
  const { values } = parseArgs({ args, options });
  const events = Number(values.events);
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  const server = values.to === undefined ? await startStandInProcess({ folder: join(folder, 'server') }) : undefined;
  const address = values.to ?? server.connectionString;
  const product = server === undefined ? 'EventStoreDB' : 'stand-in of EventStoreDB';
  const embedded = await openSqliteEventStore({ file: join(folder, 'events.db') });
  const production = await openEventStoreDb({ connectionString: address });
  try {
    await timed('write the log, embedded', events, () => fillLog(embedded, events));
    await timed(`write the log, ${product}`, events, () => fillLog(production, events));
    await timed(`bare loop of the client, ${product}`, events, () => bareLoop(address));
    for (const [name, store] of [
      ['embedded', embedded],
      [product, production],
    ]) {
      const models = await readModels({ file: join(folder, `${name}.read.db`), store, projections: [projection] });
      await models.start();
      await timed(`rebuild, ${name}`, events, () => models.rebuild());
      await models.close();
    }
  } finally {
    await embedded.close();
    await production.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function bareLoop(address) {
  const client = EventStoreDBClient.connectionString(address);
  let count = 0;
  for await (const { event } of client.readAll()) if (event !== undefined) count += 1;
  await client.dispose();
  return count;
}
