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

/** Rebuilds a read model over EventStoreDB, beside a bare loop of the client, and from the embedded store. Without `--to` a stand-in serves. */
export async function bench({ args, add }) {
  const options = { events: { type: 'string', default: '100000' }, to: { type: 'string' } };
  const { values } = parseArgs({ args, options, strict: false });
  const events = Number(values.events);
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  const server = values.to === undefined ? await startStandInProcess({ folder: join(folder, 'server') }) : undefined;
  const address = values.to ?? server.connectionString;
  const product = server === undefined ? 'EventStoreDB' : 'stand-in of EventStoreDB';
  const embedded = await openSqliteEventStore({ file: join(folder, 'events.db') });
  const production = await openEventStoreDb({ connectionString: address });
  const rate = async (work) => events / (await timed(work)).seconds;
  try {
    await fillLog(embedded, events);
    await fillLog(production, events);
    const bare = await rate(() => bareLoop(address));
    add({ what: `bare loop of the client, ${product}`, value: bare, unit: 'events/s' });
    const rebuilt = async (name, store) => {
      const models = await readModels({ file: join(folder, `${name}.read.db`), store, projections: [projection] });
      await models.start();
      const value = await rate(() => models.rebuild());
      await models.close();
      add({ what: `rebuild, ${name}`, value, unit: 'events/s' });
      return value;
    };
    await rebuilt('embedded', embedded);
    const value = (await rebuilt(product, production)) / bare;
    add({ what: 'rebuild beside the bare loop', value, unit: '', target: { atLeast: 0.5 } });
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
