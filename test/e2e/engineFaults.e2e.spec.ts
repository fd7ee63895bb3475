import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { writeDataVersion } from '../support/dataTemplate.js';
import { cleanInstances, tracesOf } from '../support/engine.js';
import { faults, startEngineProxy, type EngineProxy, type FaultKind } from '../support/engineProxy.js';
import { expectInStep } from '../support/inStep.js';
import { lanes } from '../support/lanes.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Ended, type Site } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

/** A server with a proxy in front of the engine that all share. */
interface Lane {
  readonly proxy: EngineProxy;
  readonly server: TestServer;
  readonly here: Site;
}
const proxies: EngineProxy[] = [];
let folder: string;
const made: string[] = [];

beforeAll(async () => {
  folder = await freshFolder();
});
afterAll(async () => {
  await cleanServers();
  for (const proxy of proxies) await proxy.close();
  await cleanInstances(made);
});

const inLane = lanes(async (): Promise<Lane> => {
  const proxy = await startEngineProxy();
  proxies.push(proxy);
  const server = await startServer({
    env: { DOCKER_HOST: proxy.host, WAYBILL_IMPORT_ROOTS: folder, WAYBILL_ENGINE_TIMEOUT: '5' },
  });
  return { proxy, server, here: site(() => server) };
});

const steps = {
  install: { body: { kind: 'install', version: '1.0' }, leadsTo: '1.0' },
  upgrade: { body: { kind: 'upgrade', version: '2.0' }, leadsTo: '2.0' },
  rollback: { body: { kind: 'rollback' }, leadsTo: '1.0' },
  remove: { body: { kind: 'remove', removeVolumes: true }, leadsTo: undefined },
} as const;
type Step = keyof typeof steps;

const deep = process.env['WAYBILL_TEST_DEEP'] === '1';

/** Every kind of call that the life of an instance makes, at a step that makes it. */
const calls: readonly (readonly [Step, string])[] = [
  ['install', 'GET /containers/json'],
  ['install', 'GET /containers/{}/json'],
  ['install', 'GET /images/{}/json'],
  ['install', 'GET /images/json'],
  ['install', 'GET /info'],
  ['install', 'GET /networks'],
  ['install', 'GET /networks/{}'],
  ['install', 'GET /volumes/{}'],
  ['install', 'POST /containers/create'],
  ['install', 'POST /containers/{}/start'],
  ['install', 'POST /images/load'],
  ['rollback', 'POST /images/{}/tag'],
  ['install', 'POST /networks/create'],
  ['install', 'POST /networks/{}/connect'],
  ['install', 'POST /networks/{}/disconnect'],
  ['install', 'POST /volumes/create'],
  ['upgrade', 'POST /containers/{}/stop'],
  ['upgrade', 'POST /containers/{}/update'],
  ['upgrade', 'DELETE /containers/{}'],
  ['remove', 'DELETE /networks/{}'],
  ['remove', 'DELETE /volumes/{}'],
  ['remove', 'GET /volumes'],
];

interface Mishap {
  readonly step: Step;
  readonly kind: string;
  readonly fault: FaultKind;
}

const succeeded = (ended: Ended): void => expect(ended.state, JSON.stringify(ended)).toBe('succeeded');

/** Submits as a pipeline does: again with the same key while the answer is 503. */
async function submit({ server }: Lane, name: string, plan: string): Promise<string> {
  const options = { body: { plan }, headers: { 'idempotency-key': randomUUID() } };
  return waitFor('the plan to be taken', async () => {
    const answer = await call<{ operation: string; code?: string }>(
      server,
      'POST',
      `/api/v1/instances/${name}/records`,
      options,
    );
    if (['engine-unreachable', 'engine-timeout', 'engine-refused'].includes(answer.body.code ?? '')) return undefined;
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    return answer.body.operation;
  });
}

/** A whole life of an instance, each step with its mishaps; ends well, with the engine as the log says after every step. */
async function live(lane: Lane, mishaps: readonly Mishap[]): Promise<void> {
  const { here, proxy } = lane;
  const name = `fault${randomBytes(4).toString('hex')}`;
  for (const version of ['1.0', '2.0'])
    succeeded(await here.import(await writeDataVersion(folder, { key: name, version })));
  const created = await here.ask<{ id: string }>('POST', '/instances', { name, template: name });
  made.push(created.id);
  for (const [step, { body, leadsTo }] of Object.entries(steps)) {
    const plan = await here.plan(name, body);
    const befalling = mishaps
      .filter((one) => one.step === step)
      .map((one) => ({ ...one, ...proxy.befall(one.kind, one.fault) }));
    succeeded(await here.ended(await submit(lane, name, plan.digest)));
    for (const { kind, met } of befalling) await waitFor(`a call ${kind}`, () => met.then(() => true));
    if (leadsTo !== undefined) await expectInStep(here, name, leadsTo);
  }
  expect(await tracesOf(created.id)).toEqual([]);
}

/** Every kind of call with everything that may befall it; `late` is looked at on its own. */
const every = faults
  .filter((fault) => fault !== 'late')
  .flatMap((fault) => calls.map(([step, kind]): Mishap => ({ step, kind, fault })));

describe.concurrent('an engine that fails at single calls', () => {
  it('is asked in the life of an instance what the table says, and nothing else', () =>
    inLane(async (lane) => {
      await live(lane, []);
      expect(lane.proxy.kinds()).toEqual(calls.map(([, kind]) => kind).sort());
    }));

  // One life with a mishap of every kind, which overlap in time, or each alone.
  it.each(deep ? every.map((mishap) => [mishap]) : [sampled()])(
    'leaves an instance as the log says: %j',
    (...mishaps) => inLane((lane) => live(lane, mishaps)),
  );

  it('does late what was given up, and nothing comes of it', () =>
    inLane(async (lane) => {
      const { here, proxy } = lane;
      const name = `late${randomBytes(4).toString('hex')}`;
      succeeded(await here.import(await writeDataVersion(folder, { key: name, version: '1.0' })));
      made.push((await here.ask<{ id: string }>('POST', '/instances', { name, template: name })).id);
      const { digest } = await here.plan(name, { kind: 'install', version: '1.0' });
      const late = ['POST /networks/create', 'POST /containers/create'].map((kind) => proxy.befall(kind, 'late'));
      succeeded(await here.ended(await submit(lane, name, digest)));
      await Promise.all(late.map((call) => call.letGo()));
      await expectInStep(here, name, '1.0');
    }));
});

/** A mishap of every kind for one life, each with another call, by a seed that is printed. */
function sampled(): readonly Mishap[] {
  const seed = Number(process.env['WAYBILL_TEST_SEED'] ?? randomInt(2 ** 31));
  console.log(`WAYBILL_TEST_SEED=${String(seed)}`);
  const rest = calls.map((one, i) => ({
    one,
    rank: createHash('sha256')
      .update(`${String(seed)}/${String(i)}`)
      .digest('hex'),
  }));
  rest.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const kinds: readonly FaultKind[] = ['unanswered', 'fail', 'cut', 'half'];
  return kinds.flatMap((fault, i) => {
    const [step, kind] = rest[i]?.one ?? [];
    return step === undefined || kind === undefined ? [] : [{ step, kind, fault }];
  });
}
