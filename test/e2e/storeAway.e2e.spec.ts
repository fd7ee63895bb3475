import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { startCrew, type Crew } from '../support/crew.js';
import { cleanInstances, containersOf } from '../support/engine.js';
import { cleanServers, startInVain, type TestServer } from '../support/server.js';
import { site, type InstanceAnswer } from '../support/site.js';
import { writeSmallVersion } from '../support/smallTemplate.js';
import { expectLinear, ONE_ROLLOUT, recordOf, toldOf } from '../support/upgradeRace.js';
import { waitFor } from '../support/waitFor.js';

const key = `away${randomBytes(4).toString('hex')}`;
const name = `${key}-shop`;
const made: string[] = [];
let crew: Crew;
let server: TestServer;
let instance: InstanceAnswer;
const here = site(() => server);

beforeAll(async () => {
  crew = await startCrew();
  server = await crew.start();
  for (const [version, secondsUntilReady] of [
    ['1.0', 0],
    ['2.0', 6],
  ] as const)
    expect(await here.import(await writeSmallVersion(crew.folder, { key, version, secondsUntilReady }))).toMatchObject({
      state: 'succeeded',
    });
  expect(await here.install(name, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
  instance = await here.instance(name);
  made.push(instance.id);
}, 120_000);
afterAll(async () => {
  await cleanServers();
  await crew.end();
  await cleanInstances(made);
});

const ready = async () =>
  (await call(server, 'GET', '/api/v1/health/ready')).body as { status: string; checks: object[] };
const untilNoticed = () =>
  waitFor('the server to notice', async () =>
    (await call(server, 'GET', '/api/v1/templates')).headers.has('waybill-stale') ? true : undefined,
  );
const untilReady = () =>
  waitFor('the server to be ready', async () => ((await ready()).status === 'ready' ? true : undefined));

/** Every kind of read, as the read models and as folds over streams answer it. */
const reads = (digest: string, record: string) => [
  '/templates',
  `/templates/${key}`,
  `/templates/${key}/versions`,
  `/templates/${key}/versions/1.0`,
  `/templates/${key}/versions/1.0/diff/2.0`,
  '/imports',
  '/instances',
  `/instances/${name}/settings`,
  `/instances/${name}/upgrades`,
  `/instances/${name}/records`,
  `/records/${record}`,
  `/plans/${digest}`,
  '/inventory/missing',
  '/tokens',
  '/accounts',
];

describe('a server whose event store goes away', () => {
  it('goes on reading, refuses to write, and says why it is not ready', async () => {
    const issue = async (account: string) =>
      (await here.ask<{ token: string }>('POST', '/tokens', { account, roles: ['operator'] })).token;
    const [used, unused] = [await issue('used'), await issue('unused')];
    const asUsed = { token: used };
    expect((await call(server, 'GET', '/api/v1/templates', asUsed)).status).toBe(200);
    const [record] = await here.history(name);
    const { plan } = await here.ask<{ plan: string }>('GET', `/records/${record?.id ?? ''}`);
    const paths = reads(plan, record?.id ?? '');
    const answers = () => Promise.all(paths.map((path) => call<unknown>(server, 'GET', `/api/v1${path}`)));
    const before = (await answers()).map(({ status, body }) => ({ status, body }));
    expect(before.map(({ status }) => status)).toEqual(paths.map(() => 200));
    const next = await here.plan(name, { kind: 'upgrade' });

    await crew.store.kill();
    await untilNoticed();
    const away = await answers();
    expect(away.map(({ status, body }) => ({ status, body }))).toEqual(before);
    for (const { headers } of away) expect(Number(headers.get('waybill-stale'))).toBeGreaterThanOrEqual(0);
    expect(await here.instance(name)).toMatchObject({ version: '1.0', live: [{}, {}] });
    expect(await here.ask('GET', `/operations/record-${record?.id ?? ''}`)).toMatchObject({ state: 'succeeded' });

    const writes = [
      call(server, 'POST', '/api/v1/instances', { body: { name: `${key}-new`, template: key } }),
      call(server, 'PATCH', `/api/v1/instances/${name}/settings`, { body: { settings: [] } }),
      call(server, 'POST', `/api/v1/instances/${name}/plans`, { body: { kind: 'upgrade' } }),
      call(server, 'POST', `/api/v1/instances/${name}/records`, { body: { plan: next.digest } }),
      call(server, 'POST', '/api/v1/tokens', { body: { account: 'late', roles: ['auditor'] } }),
      call(server, 'POST', '/api/v1/imports', { body: { path: `${key}-1.0-ram.tar.gz` } }),
    ];
    for (const { status, headers, body } of await Promise.all(writes)) {
      expect([status, body['code'], headers.get('retry-after')]).toEqual([503, 'store-unavailable', '2']);
      expect(body['detail']).toContain('it has not answered since');
    }

    expect((await call(server, 'GET', '/api/v1/templates', asUsed)).status).toBe(200);
    for (const token of [unused, 'wb_unknown', null]) {
      const refused = await call(server, 'GET', '/api/v1/templates', { token });
      expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
        503,
        'store-unavailable',
        '2',
      ]);
    }
    expect((await call(server, 'GET', '/api/v1/health/live')).status).toBe(200);
    const state = await waitFor('the health to tell', async () => {
      const { status, checks } = await ready();
      return status === 'unready' ? checks : undefined;
    });
    expect(state).toContainEqual({
      name: 'event-store',
      ok: false,
      reason: expect.stringMatching(/it has not answered since 2\d{3}-/) as unknown,
    });

    await crew.store.restart();
    await untilReady();
    expect((await call(server, 'GET', '/api/v1/templates', { token: unused })).status).toBe(200);
    const back = await call(server, 'GET', '/api/v1/templates');
    expect([back.status, back.headers.get('waybill-stale')]).toEqual([200, null]);
    expect((await answers()).map(({ status }) => status)).toEqual(paths.map(() => 200));
    expect(await here.history(name)).toHaveLength(1);
  });

  it('ends an upgrade well, in the middle of which the store was killed and came back', async () => {
    const { digest } = await here.plan(name, { kind: 'upgrade' });
    const idempotent = { headers: { 'idempotency-key': randomUUID() } };
    const submit = () =>
      call<{ operation: string; id: string; code?: string }>(server, 'POST', `/api/v1/instances/${name}/records`, {
        body: { plan: digest },
        ...idempotent,
      });
    const { operation } = (await submit()).body;
    await waitFor('the new components to be on the engine', async () =>
      (await containersOf(instance.id)).length >= 3 ? true : undefined,
    );
    await crew.store.kill();
    await untilNoticed();
    expect((await submit()).status).toBe(503);
    // Longer than the lease: whoever was at it has lost the claim by now, and takes it again.
    await waitFor('the runner to give up', () => (server.logs().includes('a rollout stopped here') ? true : undefined));
    await crew.store.restart();
    await untilReady();
    expect((await submit()).body).toMatchObject({ operation });
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect(await here.history(name)).toMatchObject([
      { kind: 'install', status: 'completed' },
      { kind: 'upgrade', status: 'completed' },
    ]);
    const log = await crew.log();
    expect(toldOf(log, instance.id, recordOf(operation))).toEqual(ONE_ROLLOUT);
    expectLinear(log, `instance-${instance.id}`);
    const now = await here.instance(name);
    expect((await containersOf(instance.id)).map(({ Id }) => Id).sort()).toEqual(
      now.components.flatMap((one) => (one.serving?.containers ?? []).map(({ id }) => id)).sort(),
    );
  });

  it('stands still with a store that stands still, and goes on with it', async () => {
    await crew.store.freeze();
    await untilNoticed();
    expect(await here.instance(name)).toMatchObject({ version: '2.0' });
    expect((await call(server, 'POST', `/api/v1/instances/${name}/plans`, { body: { kind: 'rollback' } })).status).toBe(
      503,
    );
    await crew.store.thaw();
    await untilReady();
    expect(await here.carryOut(name, { kind: 'rollback' })).toMatchObject({ state: 'succeeded' });
    expect(await here.instance(name)).toMatchObject({ version: '1.0' });
  });

  it('waits for the store when it is started before it, and says so', async () => {
    await server.stop();
    await crew.store.kill();
    const { data, adminToken } = server;
    const port = new URL(server.url).port;
    const starting = crew.start({ data, env: { WAYBILL_LISTEN: `127.0.0.1:${port}` } });
    const waiting = { url: server.url, adminToken };
    const asked = await waitFor('an answer', () => call(waiting, 'GET', '/api/v1/health/ready').catch(() => undefined));
    expect([asked.status, asked.body['status']]).toEqual([503, 'unready']);
    expect((await call(waiting, 'GET', '/api/v1/health/live')).status).toBe(200);
    const refused = await call(waiting, 'GET', '/api/v1/templates');
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'store-unavailable',
      '2',
    ]);
    await crew.store.restart();
    server = await starting;
    expect(await here.instance(name)).toMatchObject({ version: '1.0' });
    expect(server.logs()).toContain('the server waits for the event store');
  });
});

it('a server refuses an address of a store that is mistyped, at once', async () => {
  const { exitCode, logs } = await startInVain({
    env: { WAYBILL_EVENTSTORE: crew.store.connectionString.replace('tls', 'tsl') },
  });
  expect(exitCode).not.toBe(0);
  expect(logs).toContain('the option "tsl" is not known');
});
