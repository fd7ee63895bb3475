import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteEventStore, readModels } from '@waybill/event-store';
import { projections } from '../../apps/server/dist/projections.js';
import { median } from './report.mjs';
import { fillSiteLog } from './siteLog.mjs';
import { timed } from './timed.mjs';

const RUNS = 3;

/** Rebuilds all read models of the server from a log as a site has it: rollouts, settings, imports, publications, accounts, documents. */
export async function bench({ args, add }) {
  const options = { events: { type: 'string', default: '100000' } };
  const { values } = parseArgs({ args, options, strict: false });
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  const store = await openSqliteEventStore({ file: join(folder, 'events.db') });
  try {
    const events = await fillSiteLog(store, Number(values.events));
    const failures = [];
    const models = await readModels({
      file: join(folder, 'read.db'),
      store,
      projections,
      onError: (error) => failures.push(error),
    });
    await models.start();
    if (failures.length > 0) throw failures[0];
    const runs = [];
    const before = process.cpuUsage();
    for (let run = 0; run < RUNS; run += 1) runs.push((await timed(() => models.rebuild())).seconds);
    const { user, system } = process.cpuUsage(before);
    await models.close();
    const target = events >= 100_000 ? { atMost: 5 } : undefined;
    add({
      what: `rebuild of all read models, ${events.toLocaleString('en')} events`,
      value: median(runs),
      unit: 's',
      target,
    });
    add({ what: 'processor time of one', value: (user + system) / RUNS / 1_000_000, unit: 's' });
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
