import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allAnswers, type Answers } from '../support/answers.js';
import { call } from '../support/call.js';
import { cleanInstances, containersOf, execIn, tracesOf } from '../support/engine.js';
import { startTestServer } from '../support/eventstoredb/testServer.mjs';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type InstanceAnswer } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

const name = `esdb-${randomBytes(3).toString('hex')}`;
const made = new Set<string>();
let store: Awaited<ReturnType<typeof startTestServer>>;
let server: TestServer;
let env: Readonly<Record<string, string>>;
const here = site(() => server);

beforeAll(async () => {
  // A server makes its secret key only for an empty log, and a genuine store may hold what the suites before this one wrote.
  const secretKey = join(await freshFolder(), 'secret-key');
  await writeFile(secretKey, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  store = await startTestServer();
  env = {
    WAYBILL_EVENTSTORE: store.connectionString,
    WAYBILL_IMPORT_ROOTS: dirname(fixture('1.0')),
    WAYBILL_SECRET_KEY: secretKey,
  };
  server = await startServer({ env });
});
afterAll(async () => {
  await cleanServers();
  await store.stop();
  await cleanInstances(made);
});

const containerOf = (instance: InstanceAnswer, component: string): string =>
  instance.components.find((one) => one.name === component)?.serving?.containers[0]?.id ?? '';
const inDatabase = async (line: string) => execIn(containerOf(await here.instance(name), '数据库 MySQL'), line);
const inWeb = async (line: string) => execIn(containerOf(await here.instance(name), 'web'), line);

/** What depends on the content store, which is lost, and on the engine of this moment. */
const fromTheLog = (answers: Answers): Answers =>
  Object.fromEntries(
    Object.entries(answers)
      .filter(([path]) => !path.startsWith('/inventory/missing') && !/^\/templates\/[^/]+\/versions\/[^/]+$/.test(path))
      .map(([path, answer]) => {
        if (!/^\/instances\/[^/]+$/.test(path)) return [path, answer];
        return [path, { ...answer, body: { ...(answer.body as object), live: undefined } }];
      }),
  );

describe('one application over EventStoreDB, from package to rollback', () => {
  it('is imported and installed', async () => {
    expect(await here.import(fixture('1.0'))).toMatchObject({ state: 'succeeded' });
    expect(await here.install(name, { template: backendSystem })).toMatchObject({ state: 'succeeded' });
    const instance = await here.instance(name);
    made.add(instance.id);
    expect(instance).toMatchObject({ version: '1.0', live: [{ condition: 'healthy' }, { condition: 'healthy' }] });
    await inDatabase('echo precious > /data/marker');
  });

  it('is upgraded with the site’s values, and rolled back with its data', async () => {
    expect(await here.import(fixture('2.0'))).toMatchObject({ state: 'succeeded' });
    expect(await here.carryOut(name, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    expect(await inWeb('echo $LOG_LEVEL $FEATURE_X')).toBe('info on\n');
    expect(await here.carryOut(name, { kind: 'rollback', removeAdded: true })).toMatchObject({ state: 'succeeded' });
    expect(await here.instance(name)).toMatchObject({ version: '1.0' });
    expect(await inDatabase('cat /data/marker')).toBe('precious\n');
    await here.ask('PATCH', `/instances/${name}/settings`, {
      settings: [{ item: 'web/env/API_TOKEN', value: 'keep-this-to-yourself', secret: true }],
    });
    expect(await here.carryOut(name, { kind: 'reconfigure' })).toMatchObject({ state: 'succeeded' });
    expect((await here.history(name)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'install completed',
      'upgrade completed',
      'rollback completed',
      'reconfigure completed',
    ]);
  });

  it('is known to the letter by a server that has nothing but the log and the secret key', async () => {
    const before: Answers = (await allAnswers(server)).answers;
    expect(Object.entries(before).filter(([, { status }]) => status !== 200)).toEqual([]);
    expect(await server.stop()).toBe(0);
    await rm(server.data, { recursive: true });
    await store.restart();
    server = await startServer({ adminToken: server.adminToken, env });
    await waitFor('the read models to follow the log', async () =>
      (await call(server, 'GET', '/api/v1/health/ready')).body['status'] === 'ready' ? true : undefined,
    );
    const { answers } = await allAnswers(server);
    expect(fromTheLog(answers)).toEqual(fromTheLog(before));
    expect(JSON.stringify(answers)).not.toContain('keep-this-to-yourself');
    expect(await inWeb('echo $API_TOKEN')).toBe('keep-this-to-yourself\n');
  });

  it('goes on from there, and is removed without a trace', async () => {
    const instance = await here.instance(name);
    expect(await here.import(fixture('2.0'))).toMatchObject({ state: 'succeeded' });
    expect(await here.carryOut(name, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    expect((await containersOf(instance.id)).length).toBe(3);
    expect(await here.carryOut(name, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
    expect(await tracesOf(instance.id)).toEqual([]);
  });
});
