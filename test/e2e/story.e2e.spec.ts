import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanInstances, containersOf, execIn, tracesOf } from '../support/engine.js';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, startServer, type TestServer } from '../support/server.js';
import { site, type InstanceAnswer } from '../support/site.js';

let server: TestServer;
const here = site(() => server);
const made = new Set<string>();
const unique = (name: string) => `${name}-${randomBytes(3).toString('hex')}`;

beforeAll(async () => {
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: dirname(fixture('1.0')) } });
  expect(await here.import(fixture('1.0'))).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

const hostPort = (instance: InstanceAnswer, name: string): number => {
  const port = instance.components.find((one) => one.name === name)?.ports[0]?.hostPort;
  if (port === undefined) throw new Error(`${name} publishes no port`);
  return port;
};
const web = async (instance: InstanceAnswer) =>
  (await fetch(`http://127.0.0.1:${String(hostPort(instance, 'web'))}/`)).text();
const conditions = (instance: InstanceAnswer) =>
  Object.fromEntries((instance.live ?? []).map(({ name, condition }) => [name, condition]));
const containerOf = (instance: InstanceAnswer, name: string): string =>
  instance.components.find((one) => one.name === name)?.serving?.containers[0]?.id ?? '';

/** Asks every few milliseconds, on a connection each, until told to stop. */
function askWithoutPause(port: number): {
  stop(): Promise<{ readonly answers: readonly string[]; readonly failed: number }>;
} {
  let on = true;
  let failed = 0;
  const answers: string[] = [];
  const asking = (async () => {
    while (on) {
      try {
        const options = { headers: { connection: 'close' }, signal: AbortSignal.timeout(2_000) };
        const answer = await fetch(`http://127.0.0.1:${String(port)}/`, options);
        answers.push((await answer.text()).slice(0, 'web 1.0'.length));
      } catch {
        failed++;
      }
      // A refused connection answers at once: without a pace a short gap would count for thousands.
      await delay(5);
    }
  })();
  return {
    stop: async () => {
      on = false;
      await asking;
      return { answers, failed };
    },
  };
}

describe('one application, from package to rollback', () => {
  const name = unique('story');
  let installed: InstanceAnswer;

  it('installs from the package, and the web component knows its database', async () => {
    expect(await here.install(name, { template: 'backend-system' })).toMatchObject({ state: 'succeeded' });
    installed = await here.instance(name);
    made.add(installed.id);
    expect(installed).toMatchObject({ status: 'installed', version: '1.0' });
    expect(conditions(installed)).toEqual({ '数据库 MySQL': 'healthy', web: 'healthy' });
    expect(await web(installed)).toMatch(/^web 1\.0 db=shu-ju-ku-mysql:3306 user=admin/);
  });

  it('gives both sides of the dependency the same generated secret, and shows it nowhere', async () => {
    const inDatabase = (await execIn(containerOf(installed, '数据库 MySQL'), 'echo $MYSQL_PASS')).trim();
    const inWeb = (await execIn(containerOf(installed, 'web'), 'echo $MYSQL_PASS')).trim();
    expect(inDatabase).toMatch(/^[0-9a-f]{32}$/);
    expect(inWeb).toBe(inDatabase);
    const settings = JSON.stringify(await here.ask('GET', `/instances/${name}/settings`));
    expect(settings).not.toContain(inDatabase);
    expect(server.logs()).not.toContain(inDatabase);
  });

  it('puts the configuration file where the template says, with its mode', async () => {
    expect(await execIn(containerOf(installed, '数据库 MySQL'), 'cat /etc/my.cnf; stat -c %a /etc/my.cnf')).toBe(
      '[mysqld]\nmax_connections=100\n644\n',
    );
  });

  it('offers the new version once its package is imported, and shows every change before anything happens', async () => {
    expect(await here.import(fixture('2.0'))).toMatchObject({ state: 'succeeded' });
    expect(await here.ask('GET', `/instances/${name}/upgrades`)).toMatchObject({
      current: '1.0',
      upgrades: [{ version: '2.0' }],
    });
    const plan = await here.plan(name, { kind: 'upgrade' });
    const told = plan.items
      .filter(({ rule, component }) => rule !== 'new-in-target' || component?.name !== '业务模块D')
      .map(({ component, path, verdict, action }) => `${verdict} ${action} ${component?.name ?? ''} ${path}`);
    expect(told).toEqual([
      'keep update 数据库 MySQL file//etc/my.cnf',
      'change update 数据库 MySQL image',
      'change add web depends/8d1e0d3c5d9b4a0f9d7a2b7c1e3f0a03',
      'change add web env/FEATURE_X',
      'keep update web env/LOG_LEVEL',
      'change update web image',
    ]);
    expect(plan.items).toContainEqual(
      expect.objectContaining({
        component: { key: '8d1e0d3c5d9b4a0f9d7a2b7c1e3f0a03', name: '业务模块D' },
        path: 'component',
        verdict: 'change',
        action: 'add',
      }),
    );
    expect(plan.steps.map((step) => `${step.action} ${step.name}`)).toEqual([
      'replace 数据库 MySQL',
      'replace web',
      'create 业务模块D',
    ]);
    expect(conditions(await here.instance(name))).toEqual({ '数据库 MySQL': 'healthy', web: 'healthy' });
  });

  it('upgrades while requests keep being answered, with the values that the site has', async () => {
    await execIn(containerOf(installed, '数据库 MySQL'), 'echo precious > /data/marker');
    const load = askWithoutPause(hostPort(installed, 'web'));
    expect(await here.carryOut(name, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    const { answers, failed } = await load.stop();
    // The old one answers until the new one does, and nothing else ever answers.
    expect([...new Set(answers)]).toEqual(['web 1.0', 'web 2.0']);
    expect(failed).toBeLessThan(answers.length);
    const upgraded = await here.instance(name);
    expect(upgraded.version).toBe('2.0');
    expect(conditions(upgraded)).toEqual({ '数据库 MySQL': 'healthy', web: 'healthy', 业务模块D: 'healthy' });
    expect(await web(upgraded)).toMatch(/^web 2\.0 /);
    expect(await execIn(containerOf(upgraded, 'web'), 'echo $LOG_LEVEL $FEATURE_X')).toBe('info on\n');
    expect(await execIn(containerOf(upgraded, '数据库 MySQL'), 'cat /etc/my.cnf')).toContain('max_connections=100');
    expect(await containersOf(upgraded.id)).toHaveLength(3);
  });

  it('rolls back by replay: the data stays, the added component keeps running and is named', async () => {
    const plan = await here.plan(name, { kind: 'rollback' });
    expect(plan.items).toContainEqual(
      expect.objectContaining({
        component: expect.objectContaining({ name: '业务模块D' }) as unknown,
        path: 'component',
        verdict: 'keep',
        rule: 'added-stays',
      }),
    );
    expect(await here.ended(await here.submit(name, plan.digest))).toMatchObject({ state: 'succeeded' });
    const back = await here.instance(name);
    expect(back.version).toBe('1.0');
    expect(await web(back)).toMatch(/^web 1\.0 /);
    expect(await execIn(containerOf(back, '数据库 MySQL'), 'cat /data/marker')).toBe('precious\n');
    expect(await execIn(containerOf(back, 'web'), 'echo "[$FEATURE_X]"')).toBe('[]\n');
    expect(conditions(back)).toEqual({ '数据库 MySQL': 'healthy', web: 'healthy', 业务模块D: 'healthy' });
    expect(back.components.find((one) => one.name === '业务模块D')?.version).toBe('2.0');
  });

  it('tells its history, and what it was at any time', async () => {
    const history = await here.history(name);
    expect(history.map(({ number, kind, status }) => `${String(number)} ${kind} ${status}`)).toEqual([
      '1 install completed',
      '2 upgrade completed',
      '3 rollback completed',
    ]);
    const { endedAt } = await here.ask<{ endedAt: string }>('GET', `/records/${history[1]?.id ?? ''}`);
    expect(await here.ask('GET', `/instances/${name}/state?at=${encodeURIComponent(endedAt)}`)).toMatchObject({
      version: '2.0',
    });
    expect(await here.refusal('GET', `/instances/${name}/state?at=2001-01-01T00:00:00Z`)).toBe('state-before-creation');
    expect(await here.refusal('GET', `/instances/${name}/state?at=yesterday`)).toBe('time-invalid');
  });

  it('goes up again after the rollback, taking an accepted value this time, and back again', async () => {
    expect(
      await here.carryOut(name, { kind: 'upgrade', accept: ['web/env/LOG_LEVEL', 'shu-ju-ku-mysql/file//etc/my.cnf'] }),
    ).toMatchObject({ state: 'succeeded' });
    const upgraded = await here.instance(name);
    expect(await execIn(containerOf(upgraded, 'web'), 'echo $LOG_LEVEL')).toBe('debug\n');
    expect(await execIn(containerOf(upgraded, '数据库 MySQL'), 'cat /etc/my.cnf')).toContain('max_connections=200');
    expect(await here.carryOut(name, { kind: 'rollback', removeAdded: true })).toMatchObject({ state: 'succeeded' });
    const back = await here.instance(name);
    expect(await execIn(containerOf(back, '数据库 MySQL'), 'cat /etc/my.cnf; cat /data/marker')).toContain(
      'max_connections=100\nprecious',
    );
  });

  it('takes a setting with a plan of its own', async () => {
    await here.ask('PATCH', `/instances/${name}/settings`, {
      settings: [{ item: 'web/env/LOG_LEVEL', value: 'warn' }],
    });
    expect(await here.instance(name)).toMatchObject({ pending: ['8d1e0d3c5d9b4a0f9d7a2b7c1e3f0a02/env/LOG_LEVEL'] });
    expect(await here.ask('GET', `/instances/${name}/settings`)).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ item: 'web/env/LOG_LEVEL', pending: { text: 'warn' } }),
      ]) as unknown,
    });
    expect(await here.carryOut(name, { kind: 'reconfigure' })).toMatchObject({ state: 'succeeded' });
    expect(await execIn(containerOf(await here.instance(name), 'web'), 'echo $LOG_LEVEL')).toBe('warn\n');
    expect(
      await here.refusal('POST', `/instances/${name}/records`, {
        plan: (await here.plan(name, { kind: 'reconfigure' })).digest,
      }),
    ).toBe('plan-empty');
  });

  it('is removed without a trace on the engine, and its name is free again', async () => {
    expect(await here.carryOut(name, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
    expect(await tracesOf(installed.id)).toEqual([]);
    expect((await here.history(installed.id)).at(-1)).toMatchObject({ kind: 'remove', status: 'completed' });
    const again = await here.ask<{ id: string }>('POST', '/instances', { name, template: backendSystem });
    made.add(again.id);
  });
});

describe('two instances of one template side by side', () => {
  it('have their own ports, secrets and volumes, and upgrading one leaves the other’s containers untouched', async () => {
    const [a, b] = [unique('left'), unique('right')];
    for (const name of [a, b]) {
      expect(await here.install(name, { template: backendSystem, version: '1.0' })).toMatchObject({
        state: 'succeeded',
      });
      made.add((await here.instance(name)).id);
    }
    const [left, right] = [await here.instance(a), await here.instance(b)];
    expect(hostPort(left, 'web')).not.toBe(hostPort(right, 'web'));
    const secretOf = (one: InstanceAnswer) => execIn(containerOf(one, 'web'), 'echo $MYSQL_PASS');
    expect(await secretOf(left)).not.toBe(await secretOf(right));
    await execIn(containerOf(left, '数据库 MySQL'), 'echo left > /data/whose');
    expect(await execIn(containerOf(right, '数据库 MySQL'), 'cat /data/whose')).toContain('No such file');

    const before = (await containersOf(right.id)).map(({ Id }) => Id).sort();
    expect(await here.carryOut(a, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    expect((await containersOf(right.id)).map(({ Id }) => Id).sort()).toEqual(before);
    expect(await web(await here.instance(a))).toMatch(/^web 2\.0 /);
    expect(await web(right)).toMatch(/^web 1\.0 /);
    for (const name of [a, b])
      expect(await here.carryOut(name, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
  });
});
