import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { HANDOVER, startCrew, type Crew } from '../support/crew.js';
import { cleanInstances, containersOf } from '../support/engine.js';
import { watchEngine, type EngineWatch } from '../support/engineEvents.js';
import { cleanServers, type TestServer } from '../support/server.js';
import { site, type InstanceAnswer, type Site } from '../support/site.js';
import { writeSmallVersion } from '../support/smallTemplate.js';
import { uploadFile } from '../support/upload.js';
import { expectLinear, ONE_ROLLOUT, raceUpgrades, recordOf, runnersOf, toldOf } from '../support/upgradeRace.js';
import { waitFor } from '../support/waitFor.js';

const key = `crew${randomBytes(4).toString('hex')}`;
/** `npm run verify:deep` asks for the whole of it. */
const isDeep = process.env['WAYBILL_TEST_DEEP'] === '1';
/** How many upgrades each instance gets. */
const upgrades = isDeep ? Array.from({ length: 10 }, () => 5) : [4, 3, 3];
const versions = Array.from({ length: 1 + Math.max(...upgrades) }, (_, i) => `${String(i + 1)}.0`);
/** Takes this long to become ready, so that there is a middle to be killed in. */
const slow = { version: '9.0', secondsUntilReady: 8 };
const made: string[] = [];
let crew: Crew;
let watch: EngineWatch;
let left: TestServer;
let right: TestServer;
const onLeft = site(() => left);
const onRight = site(() => right);

beforeAll(async () => {
  [crew, watch] = [await startCrew(), await watchEngine()];
  [left, right] = [await crew.start(), await crew.start()];
  for (const version of versions)
    expect(await onLeft.import(await writeSmallVersion(crew.folder, { key, version }))).toMatchObject({
      state: 'succeeded',
    });
  expect(await onRight.import(await writeSmallVersion(crew.folder, { key, ...slow }))).toMatchObject({
    state: 'succeeded',
  });
}, 120_000);
afterAll(async () => {
  watch.stop();
  await cleanServers();
  await crew.end();
  await cleanInstances(made);
});

async function installed(name: string, through: Site): Promise<InstanceAnswer> {
  const ended = await through.install(name, { template: key, version: '1.0' });
  expect(ended, JSON.stringify(ended)).toMatchObject({ state: 'succeeded' });
  const instance = await through.instance(name);
  made.push(instance.id);
  return instance;
}

/** What the log says serves is what the engine runs, and nothing beside it. */
async function inStep(name: string, version: string, through: Site): Promise<void> {
  const instance = await through.instance(name);
  expect(instance).toMatchObject({ version, openRecord: null });
  expect((instance.live ?? []).map((one) => `${one.name} ${one.condition}`).sort()).toEqual([
    'back healthy',
    'web healthy',
  ]);
  expect((await containersOf(instance.id)).map(({ Id }) => Id).sort()).toEqual(
    instance.components.flatMap((one) => (one.serving?.containers ?? []).map(({ id }) => id)).sort(),
  );
}

/** Everything a record made, it made once. */
const onceEach = (record: string) =>
  Object.fromEntries(
    ['back', 'web'].flatMap((component) =>
      ['create', 'start'].map((action) => [`${record} ${component} ${action}`, 1] as const),
    ),
  );
const ofRecord = (instance: string, record: string) =>
  Object.fromEntries(Object.entries(watch.counts(instance)).filter(([act]) => act.startsWith(record)));

describe('two servers on one event store', () => {
  const all = upgrades.reduce((sum, one) => sum + one, 0);
  it(`carry each of ${String(all)} upgrades of ${String(upgrades.length)} instances out once, though every one was requested through both at once`, async () => {
    const names = upgrades.map((_, i) => `${key}-${String(i)}`);
    const instances: InstanceAnswer[] = [];
    // One after the other: two plans made at once may ask for the same port, and then one of them is refused.
    for (const [i, name] of names.entries()) instances.push(await installed(name, i % 2 === 0 ? onLeft : onRight));
    const servers = [left, right];
    const wanted = (i: number) => versions.slice(1, 1 + (upgrades[i] ?? 0));
    const operations = await Promise.all(names.map((name, i) => raceUpgrades(servers, name, wanted(i))));
    expect(operations.flat()).toHaveLength(all);

    const log = await crew.log();
    for (const [i, instance] of instances.entries()) {
      const name = names[i] ?? '';
      const history = await onLeft.history(name);
      expect(await onRight.history(name)).toEqual(history);
      expect(history.map(({ number, kind, status }) => `${String(number)} ${kind} ${status}`)).toEqual([
        '1 install completed',
        ...wanted(i).map((_, index) => `${String(index + 2)} upgrade completed`),
      ]);
      expect(history.slice(1).map(({ id }) => id)).toEqual(operations[i]?.map(recordOf));
      expectLinear(log, `instance-${instance.id}`);
      for (const record of history.map(({ id }) => id)) {
        expect(toldOf(log, instance.id, record)).toEqual(ONE_ROLLOUT);
        expect(runnersOf(log, record)).toHaveLength(1);
        expect(ofRecord(instance.id, record)).toEqual(onceEach(record));
      }
      await inStep(name, wanted(i).at(-1) ?? '', i % 2 === 0 ? onRight : onLeft);
    }
  });

  /** Begins the slow upgrade through the left server and waits until it is in the middle of it. */
  async function inTheMiddle(name: string): Promise<{ instance: InstanceAnswer; operation: string; record: string }> {
    const instance = await installed(name, onLeft);
    const plan = await onLeft.plan(name, { kind: 'upgrade', version: slow.version });
    const operation = await onLeft.submit(name, plan.digest);
    const record = recordOf(operation);
    await waitFor('the new web to be started', () =>
      watch.counts(instance.id)[`${record} web start`] === 1 ? true : undefined,
    );
    return { instance, operation, record };
  }

  it(`hand an upgrade over within ${String(Math.ceil(HANDOVER))} s when its runner is killed`, async () => {
    const name = `${key}-killed`;
    const { instance, operation, record } = await inTheMiddle(name);
    const [former] = runnersOf(await crew.log(), record);
    await left.kill();
    const since = performance.now();
    expect(await onRight.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect((performance.now() - since) / 1000).toBeLessThan(HANDOVER);
    const log = await crew.log();
    const runners = runnersOf(log, record);
    expect([runners[0], runners.length]).toEqual([former, 2]);
    expect(toldOf(log, instance.id, record)).toEqual(ONE_ROLLOUT);
    expect(log.filter(({ type }) => type === 'taken-over.v2').map(({ data }) => data)).toContainEqual({
      operation,
      runner: runners[1],
      epoch: 2,
    });
    expect(ofRecord(instance.id, record)).toEqual(onceEach(record));
    await inStep(name, slow.version, onRight);
    left = await crew.start({ data: left.data });
    await inStep(name, slow.version, onLeft);
  });

  it(`hand an upgrade over within ${String(Math.ceil(HANDOVER))} s when its runner stands still, which does no harm when it goes on`, async () => {
    const name = `${key}-frozen`;
    const { instance, operation, record } = await inTheMiddle(name);
    left.freeze();
    const since = performance.now();
    expect(await onRight.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect((performance.now() - since) / 1000).toBeLessThan(HANDOVER);
    // What the frozen one has in mind is out of date twice over when it goes on.
    expect(await onRight.carryOut(name, { kind: 'rollback' })).toMatchObject({ state: 'succeeded' });
    await inStep(name, '1.0', onRight);
    const [before, acts] = [(await containersOf(instance.id)).map(({ Id }) => Id).sort(), watch.acts(instance.id)];
    const events = (await crew.log()).filter(({ stream }) => stream === `instance-${instance.id}`).length;

    left.thaw();
    await waitFor('the thawed server to stop what it was at', () =>
      left.logs().includes('a rollout stopped here') ? true : undefined,
    );
    await waitFor('the thawed server to follow the log', async () =>
      (await onLeft.history(name)).length === 3 && (await onLeft.history(name))[2]?.status === 'completed'
        ? true
        : undefined,
    );
    await inStep(name, '1.0', onLeft);
    const log = await crew.log();
    expect(log.filter(({ stream }) => stream === `instance-${instance.id}`)).toHaveLength(events);
    expect(toldOf(log, instance.id, record)).toEqual(ONE_ROLLOUT);
    expect((await containersOf(instance.id)).map(({ Id }) => Id).sort()).toEqual(before);
    expect(watch.acts(instance.id)).toEqual(acts);
    expect(ofRecord(instance.id, record)).toEqual(onceEach(record));
    // It is a server like any other again.
    expect(await onLeft.carryOut(name, { kind: 'upgrade', version: '2.0' })).toMatchObject({ state: 'succeeded' });
    await inStep(name, '2.0', onRight);
  });
});

describe('servers with a role each', () => {
  it('let one take requests in and another one carry them out, an uploaded package included', async () => {
    await left.stop();
    await right.stop();
    const api = await crew.start({ env: { WAYBILL_ROLE: 'api' } });
    const worker = await crew.start({ env: { WAYBILL_ROLE: 'worker' } });
    const here = site(() => api);
    const own = `${key}-role`;
    const file = await writeSmallVersion(crew.folder, { key: own, version: '1.0' });
    const { id } = await uploadFile(api, file);
    const { operation } = await here.ask<{ operation: string }>('POST', '/imports', {
      upload: id,
      confirm: true,
    });
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    const ended = await here.install(own, { template: own });
    expect(ended, JSON.stringify(ended)).toMatchObject({ state: 'succeeded' });
    made.push((await here.instance(own)).id);
    await inStep(own, '1.0', here);
    const [record] = await here.history(own);
    expect(worker.logs()).toContain(record?.id);
    expect((await call(worker, 'GET', '/api/v1/health/ready')).body).toMatchObject({ status: 'ready' });
    expect((await call(worker, 'GET', '/api/v1/templates')).status).toBe(404);
  });
});
