import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { writeDataVersion } from '../support/dataTemplate.js';
import { tracesOf } from '../support/engine.js';
import { expectInStep } from '../support/inStep.js';
import { startOwnEngine, type OwnEngine } from '../support/ownEngine.js';
import { lanes } from '../support/lanes.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Ended, type Site } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

const key = `gone${randomBytes(4).toString('hex')}`;
/** A server on an engine of its own. */
interface Lane {
  readonly engine: OwnEngine;
  readonly here: Site;
  server: TestServer;
}
const engines: OwnEngine[] = [];
let folder: string;
let packages: readonly string[];
const environment = ({ host }: OwnEngine) => ({ DOCKER_HOST: host, WAYBILL_IMPORT_ROOTS: folder });

beforeAll(async () => {
  folder = await freshFolder();
  packages = await Promise.all(['1.0', '2.0'].map((version) => writeDataVersion(folder, { key, version })));
});
afterAll(async () => {
  await cleanServers();
  for (const engine of engines) await engine.remove();
});

async function openLane(): Promise<Lane> {
  const engine = await startOwnEngine();
  engines.push(engine);
  const server = await startServer({ env: environment(engine) });
  const lane: Lane = { engine, server, here: site(() => lane.server) };
  for (const file of packages) succeeded(await lane.here.import(file));
  return lane;
}
const inLane = lanes(openLane);

const succeeded = (ended: Ended): void => expect(ended.state, JSON.stringify(ended)).toBe('succeeded');

/** Ends the engine so long after now, and starts it again a moment later. */
async function interrupt(engine: OwnEngine, how: 'kill' | 'stop', after: number): Promise<void> {
  await delay(after);
  await engine[how]();
  await delay(300);
  await engine.start();
}

const deep = process.env['WAYBILL_TEST_DEEP'] === '1';
type How = 'kill' | 'stop' | 'none';
const every = (['kill', 'stop'] as const).flatMap((how) =>
  [100, 400, 800, 1_600, 2_500].map((moment) => ({ hows: [how, how, how, how] as readonly How[], moment })),
);
const sample = [{ hows: ['kill', 'stop', 'none', 'kill'] as readonly How[], moment: 500 }];

describe.concurrent('an operation in the middle of which the engine ended and came back', () => {
  it.each(deep ? every : sample)(
    'ends well ($hows, $moment ms into install, upgrade, rollback and removal)',
    ({ hows, moment }) =>
      inLane(async (lane) => {
        const { engine, here } = lane;
        const name = `${key}-${hows.join('-')}-${String(moment)}`;
        const created = await here.ask<{ id: string }>('POST', '/instances', { name, template: key });
        const steps = [
          [{ kind: 'install', version: '1.0' }, '1.0'],
          [{ kind: 'upgrade', version: '2.0' }, '2.0'],
          [{ kind: 'rollback' }, '1.0'],
          [{ kind: 'remove', removeVolumes: true }, undefined],
        ] as const;
        for (const [i, [body, version]] of steps.entries()) {
          const how = hows[i] ?? 'none';
          if (how === 'none') continue;
          const operation = await here.submit(name, (await here.plan(name, body)).digest);
          await interrupt(engine, how, moment);
          succeeded(await here.ended(operation));
          if (version !== undefined) await untilInStep(lane, name, version);
        }
        expect(await tracesOf(created.id, engine.docker)).toEqual([]);
      }),
  );
});

/** An engine that was ended after the operation was through is still bringing its containers back. */
async function untilInStep({ engine, here }: Lane, name: string, version: string): Promise<void> {
  await waitFor('all to serve', async () => {
    const { live = [] } = await here.instance(name);
    return live.every(({ condition }) => condition === 'healthy') ? true : undefined;
  });
  await expectInStep(here, name, version, engine.docker);
}

const ready = (server: TestServer) =>
  call<{ readonly status: string; readonly checks: readonly { readonly name: string; readonly reason?: string }[] }>(
    server,
    'GET',
    '/api/v1/health/ready',
  );

describe('an engine that is gone', () => {
  const name = `${key}-back`;
  let lane: Lane;
  beforeAll(() =>
    inLane((one) => {
      lane = one;
      return Promise.resolve();
    }),
  );

  it.each(['kill', 'stop'] as const)('brings back what serves when it returns (%s), and nothing else', async (how) => {
    const { engine, here } = lane;
    if (how === 'kill') {
      await here.ask('POST', '/instances', { name, template: key });
      succeeded(await here.carryOut(name, { kind: 'install', version: '1.0' }));
    }
    await engine[how]();
    await engine.start();
    await untilInStep(lane, name, '1.0');
  });

  it('keeps no server from starting, which says what is missing and goes on when it returns', async () => {
    const { engine, here } = lane;
    const { digest } = await here.plan(name, { kind: 'upgrade', version: '2.0' });
    await lane.server.stop();
    await engine.kill();
    lane.server = await startServer({ data: lane.server.data, env: environment(engine) });
    const { status, body } = await ready(lane.server);
    expect([status, body.status]).toEqual([200, 'degraded']);
    expect(body.checks.find((check) => check.name === 'engine')?.reason).toMatch(
      /^The Docker Engine at unix:.* cannot be reached: .*Start it/,
    );
    expect(await here.instance(name)).toMatchObject({ version: '1.0', status: 'installed' });
    expect(await here.ask('GET', '/templates')).toMatchObject({ items: [{ key }] });
    const refused = await call(lane.server, 'POST', `/api/v1/instances/${name}/plans`, { body: { kind: 'upgrade' } });
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'engine-unreachable',
      '2',
    ]);

    await engine.start();
    await waitFor('the server to be ready', async () =>
      (await ready(lane.server)).body.status === 'ready' ? true : undefined,
    );
    succeeded(await here.ended(await here.submit(name, digest)));
    await untilInStep(lane, name, '2.0');
  });
});
