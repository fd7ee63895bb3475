import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqliteEventStore, readMetadata, type StoredEvent } from '@waybill/event-store';
import { writeDataVersion } from '../support/dataTemplate.js';
import { cleanInstances, tracesOf } from '../support/engine.js';
import { expectInStep } from '../support/inStep.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Ended } from '../support/site.js';

const DAY = 86_400_000;
const key = `clock${randomBytes(4).toString('hex')}`;
const made: string[] = [];
let folder: string;
let server: TestServer;
const here = site(() => server);

/** Sets the server's time of day to so many days from now. */
const setClock = (days: number) => writeFile(join(folder, 'clock'), String(days * DAY));

const environment = () => ({
  WAYBILL_IMPORT_ROOTS: folder,
  // So short that a lease reckoned by the time of day would run out at once.
  WAYBILL_LEASE: '5',
  WAYBILL_TEST_CLOCK: join(folder, 'clock'),
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, '../support/movableClock.mjs')).href}`,
});

beforeAll(async () => {
  folder = await freshFolder();
  await setClock(0);
  server = await startServer({ env: environment() });
  for (const version of ['1.0', '2.0']) succeeded(await here.import(await writeDataVersion(folder, { key, version })));
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

const succeeded = (ended: Ended): void => expect(ended.state, JSON.stringify(ended)).toBe('succeeded');

it('A clock that goes back 400 days or forward ten years, also in the middle of operations, changes times and nothing else', async () => {
  const { id } = await here.ask<{ id: string }>('POST', '/instances', { name: key, template: key });
  made.push(id);
  const steps = [
    [{ kind: 'install', version: '1.0' }, -400, '1.0'],
    [{ kind: 'upgrade', version: '2.0' }, 3_652, '2.0'],
    [{ kind: 'rollback' }, 0, '1.0'],
  ] as const;
  for (const [body, days, version] of steps) {
    const operation = await here.submit(key, (await here.plan(key, body)).digest);
    await setClock(days);
    succeeded(await here.ended(operation));
    await expectInStep(here, key, version);
  }
  const history = await here.history(key);
  expect(history.map(({ number, kind, status }) => [number, kind, status]).sort()).toEqual([
    [1, 'install', 'completed'],
    [2, 'upgrade', 'completed'],
    [3, 'rollback', 'completed'],
  ]);

  await setClock(-400);
  await server.stop();
  server = await startServer({ data: server.data, env: environment() });
  expect(await here.history(key)).toEqual(history);
  succeeded(await here.carryOut(key, { kind: 'remove', removeVolumes: true }));
  expect(await tracesOf(id)).toEqual([]);
  expect(await here.ask('GET', '/admin/doctor')).toMatchObject({
    healthy: true,
    findings: expect.arrayContaining([expect.objectContaining({ check: 'clock', state: 'remark' })]) as unknown,
  });
  await server.stop();

  const log = await wholeLog(server.data);
  expect(log.filter(({ type }) => type.startsWith('taken-over'))).toEqual([]);
  const metadata = log.map(readMetadata);
  expect(new Set(metadata.map(({ clock }) => clock.source))).toEqual(new Set(['system']));
  const now = Date.now();
  const days = metadata.map(({ recordedAt }) => Math.round((Date.parse(recordedAt) - now) / DAY) || 0);
  // Each event has the time that its writer's clock showed, in the order in which they were appended.
  expect(days.filter((day, i) => day !== days[i - 1])).toEqual([0, -400, 3_652, 0, -400]);
});

async function wholeLog(data: string): Promise<readonly StoredEvent[]> {
  const store = await openSqliteEventStore({ file: join(data, 'events.db') });
  try {
    const events: StoredEvent[] = [];
    for await (const event of store.readAll()) events.push(event);
    return events;
  } finally {
    await store.close();
  }
}
