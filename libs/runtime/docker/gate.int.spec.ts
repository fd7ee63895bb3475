import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GateOutcome, Runtime, UnitSpec } from '../runtime.js';
import { busyboxImage, type MadeImage } from '../testing/busyboxImage.js';
import { commandProbe, httpProbe, tcpProbe } from '../testing/probes.js';
import { testInstance, type TestInstance, type TestUnit } from '../testing/testInstance.js';
import { dockerRuntime } from './dockerRuntime.js';

let runtime: Runtime;
let instance: TestInstance;
let busybox: MadeImage;

beforeAll(async () => {
  runtime = await dockerRuntime();
  busybox = await busyboxImage();
  await runtime.ensureImage(busybox.image, busybox.source);
  instance = await testInstance(runtime, 'gates');
});
afterAll(() => instance.clear());

async function gate(unit: TestUnit, signal = new AbortController().signal): Promise<GateOutcome> {
  await instance.stage(unit);
  return runtime.gateUnit(unit.ref, unit.spec, { signal });
}

const unit = (wishes: Partial<UnitSpec>, image = busybox): TestUnit => instance.unit('web', image.image, wishes);
const serveFile = `sh -c 'mkdir -p /www && echo ok > /www/health && exec httpd -f -p 8080 -h /www'`;

describe('a unit is ready', () => {
  test.each([
    ['when it answers HTTP', httpProbe(8080, '/health')],
    ['when it takes connections', tcpProbe(8080)],
    ['when a command in it succeeds', commandProbe(`sh -c 'wget -q -O - http://127.0.0.1:8080/health | grep ok'`)],
  ])('%s', async (_, probe) => {
    expect(await gate(unit({ command: serveFile, gate: { deadline: 10, settle: 0, probe } }))).toEqual({
      kind: 'ready',
    });
  });

  test('when it answers HTTP at a path that has to be encoded to be asked for', async () => {
    const command = `sh -c 'mkdir -p "/www/健康 检查" && echo ok > "/www/健康 检查/{a}" && exec httpd -f -p 8080 -h /www'`;
    const probe = httpProbe(8080, '/健康 检查/%7Ba}');
    expect(await gate(unit({ command, gate: { deadline: 10, settle: 0, probe } }))).toEqual({ kind: 'ready' });
  });

  test('in every replica', async () => {
    const probe = httpProbe(8080, '/health');
    const three = unit({ command: serveFile, replicas: 3, gate: { deadline: 10, settle: 0, probe } });
    expect(await gate(three)).toEqual({ kind: 'ready' });
    expect((await runtime.stageUnit(three.ref, three.spec, () => '')).replicas.map(({ state }) => state)).toEqual([
      'running',
      'running',
      'running',
    ]);
  });

  test('when it is slow, but within its deadline', async () => {
    const slow = `sh -c 'sleep 1; exec httpd -f -p 8080'`;
    expect(await gate(unit({ command: slow, gate: { deadline: 10, settle: 0, probe: tcpProbe(8080) } }))).toEqual({
      kind: 'ready',
    });
  });

  test('when the health check of its image says so', async () => {
    const healthy = await busyboxImage({
      config: { Healthcheck: { Test: ['CMD', 'test', '-f', '/ready'], Interval: 300_000_000, Retries: 50 } },
    });
    await runtime.ensureImage(healthy.image, healthy.source);
    const command = `sh -c 'sleep 1; touch /ready; sleep 60'`;
    const healthyUnit = unit({ command, gate: { deadline: 15, settle: 0 } }, healthy);
    expect(await gate(healthyUnit)).toEqual({ kind: 'ready' });
    expect((await runtime.stageUnit(healthyUnit.ref, healthyUnit.spec, () => '')).replicas).toMatchObject([
      { health: 'healthy' },
    ]);
  });

  test('when it stays up, for want of anything else', async () => {
    const begun = performance.now();
    expect(await gate(unit({ gate: { deadline: 10, settle: 1 } }))).toEqual({ kind: 'ready' });
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });

  test('when it runs once and ends well', async () => {
    expect(await gate(unit({ lifetime: 'once', command: 'true' }))).toEqual({ kind: 'ready' });
  });
});

describe('a unit has failed', () => {
  test('at once when it ends, with the last of what it wrote', async () => {
    const begun = performance.now();
    const outcome = await gate(
      unit({
        command: `sh -c 'for i in $(seq 60); do echo line $i; done; sleep 0.5; echo trouble >&2; exit 7'`,
        gate: { deadline: 60, settle: 0, probe: tcpProbe(8080) },
      }),
    );
    if (outcome.kind !== 'failed') throw new Error('it became ready');
    expect(outcome.reason).toBe('The container ended with exit code 7.');
    expect(outcome.log.trimEnd().split('\n')).toHaveLength(50);
    expect(outcome.log).toContain('trouble');
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test('with the code and the words of its end, though the engine has started it again', async () => {
    const again = unit({
      command: `sh -c 'test -f /second && echo fine && exec sleep 60; touch /second; echo trouble; exit 7'`,
    });
    await instance.stage(again);
    const seen = async () =>
      (await runtime.observe(instance.id)).find(({ ref }) => ref.record === again.ref.record)?.replicas;
    await expect.poll(seen, { timeout: 10_000 }).toMatchObject([{ state: 'running', restarts: 1 }]);
    expect(await gate(again)).toEqual({
      kind: 'failed',
      reason: 'The container ended with exit code 7.',
      log: 'trouble\n',
    });
  });

  test('when it ends while it should stay up', async () => {
    expect(await gate(unit({ command: `sh -c 'sleep 0.3; exit 0'`, gate: { deadline: 20, settle: 5 } }))).toMatchObject(
      {
        kind: 'failed',
        reason: 'The container ended with exit code 0.',
      },
    );
  });

  test('when it runs once and ends badly, or never', async () => {
    expect(await gate(unit({ lifetime: 'once', command: `sh -c 'echo no; exit 2'` }))).toEqual({
      kind: 'failed',
      reason: 'The container ended with exit code 2.',
      log: 'no\n',
    });
    expect(await gate(unit({ lifetime: 'once', command: 'sleep 60', gate: { deadline: 1, settle: 0 } }))).toMatchObject(
      { kind: 'failed', reason: 'Not ready within 1 s: it has not ended' },
    );
  });

  test.each([
    ['nothing listens', tcpProbe(8080), 'sleep 60', /ECONNREFUSED/],
    ['HTTP says no', httpProbe(8080, '/nothing'), serveFile, /HTTP status 404/],
    ['a command fails', commandProbe(`sh -c 'echo why; exit 3'`), 'sleep 60', /exit code 3: why/],
    ['it answers too late', { ...commandProbe('sleep 10'), timeout: 0.2 }, 'sleep 60', /no answer within 0.2 s/],
  ])('at its deadline when %s', async (_, probe, command, why) => {
    const outcome = await gate(unit({ command, gate: { deadline: 1, settle: 0, probe } }));
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(why) as string });
  });

  test('at its deadline when what its probe says cannot be sent', async () => {
    const check = { kind: 'http', port: 8080, path: '/', headers: [{ name: 'X Y', value: '1' }] } as const;
    const probe = { ...httpProbe(8080, '/'), check };
    expect(await gate(unit({ command: serveFile, gate: { deadline: 1, settle: 0, probe } }))).toMatchObject({
      kind: 'failed',
      reason: 'Not ready within 1 s: Header name must be a valid HTTP token ["X Y"]',
    });
  });

  test('at its deadline when the health check of its image never passes', async () => {
    const sick = await busyboxImage({
      config: { Healthcheck: { Test: ['CMD-SHELL', 'echo sick; exit 1'], Interval: 200_000_000, Retries: 2 } },
    });
    await runtime.ensureImage(sick.image, sick.source);
    expect(await gate(unit({ gate: { deadline: 3, settle: 0 } }, sick))).toMatchObject({
      kind: 'failed',
      reason: 'Not ready within 3 s: its health check says unhealthy: sick',
    });
  });

  test('when its containers are gone', async () => {
    const gone = unit({});
    expect(await runtime.gateUnit(gone.ref, gone.spec, { signal: new AbortController().signal })).toMatchObject({
      kind: 'failed',
    });
  });
});

test('the wait can be ended from outside', async () => {
  const stop = new AbortController();
  const waiting = unit({ command: 'sleep 60', gate: { deadline: 60, settle: 0, probe: tcpProbe(8080) } });
  await instance.stage(waiting);
  const reasons: string[] = [];
  const gating = runtime.gateUnit(waiting.ref, waiting.spec, {
    signal: stop.signal,
    onProgress: (text) => {
      reasons.push(text);
      stop.abort(new Error('enough'));
    },
  });
  await expect(gating).rejects.toThrow('enough');
  expect(reasons[0]).toMatch(/^connect ECONNREFUSED/);
});
