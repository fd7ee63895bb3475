import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import Docker from 'dockerode';
import { systemClock } from '@waybill/kernel';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Runtime, UnitSpec } from '../runtime.js';
import { busyboxImage, type MadeImage } from '../testing/busyboxImage.js';
import { answer, watchPort } from '../testing/clients.js';
import { containerOf, inContainer } from './testing/inContainer.js';
import { httpProbe, tcpProbe } from '../testing/probes.js';
import { freePort, testInstance, type TestInstance, type TestUnit } from '../testing/testInstance.js';
import { connect as connectEngine } from './connection.js';
import { containersOf } from './containers.js';
import { dockerRuntime } from './dockerRuntime.js';
import { networksOf } from './networks.js';
import { passPorts } from './passPorts.js';

const docker = new Docker();
let runtime: Runtime;
let busybox: MadeImage;
let instance: TestInstance;

beforeAll(async () => {
  runtime = await dockerRuntime();
  busybox = await busyboxImage();
  await runtime.ensureImage(busybox.image, busybox.source);
});
beforeEach(async () => {
  instance = await testInstance(runtime, 'traffic');
});
afterEach(() => instance.clear());

const web = (version: string, wishes: Partial<UnitSpec> = {}, owner = instance): TestUnit =>
  owner.unit('web', busybox.image, {
    command: `sh -c 'mkdir -p /www && echo ${version} > /www/index.html && exec httpd -f -p 8080 -h /www'`,
    gate: { deadline: 15, settle: 0, probe: httpProbe(8080, '/') },
    ...wishes,
  });

const publishing = (hostPort: number): Pick<UnitSpec, 'publish'> => ({
  publish: [{ containerPort: 8080, protocol: 'tcp', hostPort }],
});

describe('the name of a component', () => {
  test('is resolved by the others from the moment it serves, and moves to the next version', async () => {
    const client = instance.unit('client', busybox.image);
    await instance.stage(client);
    const ask = (): Promise<string> =>
      inContainer(runtime, client, 'wget -q -O - http://web:8080/ 2>/dev/null || echo nobody');
    const first = web('one');
    await instance.stage(first);
    expect(await ask()).toContain('nobody');
    await instance.serve(first);
    expect(await ask()).toBe('one\n');
    const second = web('two');
    await instance.stage(second);
    expect(await ask()).toBe('one\n');
    await instance.serve(second, [first]);
    expect(await ask()).toBe('two\n');
    expect((await runtime.observe(instance.id)).filter(({ serving }) => serving).map(({ ref }) => ref)).toEqual([
      second.ref,
    ]);
    await runtime.switchTraffic(first.ref, first.spec, [second.ref]);
    await runtime.switchTraffic(first.ref, first.spec, [second.ref]);
    expect(await ask()).toBe('one\n');
  });

  test('is accompanied by the names that the component is called beside it', async () => {
    const client = instance.unit('client', busybox.image);
    await instance.stage(client);
    const ask = () => inContainer(runtime, client, 'wget -q -O - http://My_Web:8080/ 2>/dev/null || echo nobody');
    const first = web('one', { aliases: ['My_Web', 'shop.web'] });
    await instance.stage(first);
    expect(await ask()).toContain('nobody');
    await instance.serve(first);
    expect(await ask()).toBe('one\n');
    const second = web('two');
    await instance.serve(second, [first]);
    expect(await ask()).toContain('nobody');
    await runtime.switchTraffic(first.ref, first.spec, [second.ref]);
    expect(await ask()).toBe('one\n');
  });

  test('stands for every replica', async () => {
    const client = instance.unit('client', busybox.image);
    await instance.stage(client);
    await instance.serve(web('one', { replicas: 3 }));
    const found = await inContainer(runtime, client, 'nslookup web 127.0.0.11');
    expect(found.match(/^Address.*10\./gm)).toHaveLength(3);
  });

  test('is inside one instance only, beside another of the same template', async () => {
    const other = await testInstance(runtime, 'traffic');
    onTestFinished(() => other.clear());
    await Promise.all([instance.serve(web('mine')), other.serve(web('theirs', {}, other))]);
    const clients = [instance.unit('client', busybox.image), other.unit('client', busybox.image)] as const;
    await Promise.all([instance.stage(clients[0]), other.stage(clients[1])]);
    expect(
      await Promise.all(clients.map((client) => inContainer(runtime, client, 'wget -q -O - http://web:8080/'))),
    ).toEqual(['mine\n', 'theirs\n']);
  });

  test('is taken without breaking the connections a container has open', async () => {
    const echo = instance.unit('echo', busybox.image, {
      command: 'nc -ll -p 7000 -e cat',
      gate: { deadline: 10, settle: 0, probe: tcpProbe(7000) },
    });
    await instance.stage(echo);
    await runtime.gateUnit(echo.ref, echo.spec, { signal: new AbortController().signal });
    const { Config } = await docker.getContainer(await containerOf(runtime, echo)).inspect();
    const socket: Socket = connect({ host: Config.Labels['waybill.address']!, port: 7000 });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write('before');
    expect(String((await once(socket, 'data'))[0])).toBe('before');
    const begun = performance.now();
    const switching = runtime.switchTraffic(echo.ref, echo.spec, []);
    socket.write('during');
    expect(String((await once(socket, 'data'))[0])).toBe('during');
    await switching;
    socket.write('after');
    expect(String((await once(socket, 'data'))[0])).toBe('after');
    console.log(
      `an open connection was served again ${Math.round(performance.now() - begun)} ms after the switch began`,
    );
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: true }]);
  });
});

describe('a published port', () => {
  test('opens when the unit serves, not before, and closes when it is halted', async () => {
    const hostPort = await freePort();
    const unit = web('one', publishing(hostPort));
    await instance.stage(unit);
    await expect(answer(hostPort)).rejects.toThrow();
    expect(await runtime.portHolders([{ hostPort, protocol: 'tcp' }])).toEqual([undefined]);
    await instance.serve(unit);
    expect(await answer(hostPort)).toBe('one\n');
    expect(await runtime.portHolders([{ hostPort, protocol: 'tcp' }])).toEqual([
      expect.stringMatching(/^wb-traffic-web-/),
    ]);
    await runtime.haltUnit(unit.ref);
    await expect(answer(hostPort)).rejects.toThrow();
    await runtime.resumeUnit(unit.ref);
    await expect(answer(hostPort)).rejects.toThrow();
    await runtime.switchTraffic(unit.ref, unit.spec, []);
    await expect.poll(() => answer(hostPort)).toBe('one\n');
  });

  test('passes to the next version with a short gap, and back', async () => {
    const hostPort = await freePort();
    const first = web('one', publishing(hostPort));
    const second = web('two', publishing(hostPort));
    await instance.serve(first);
    await instance.stage(second);
    await runtime.gateUnit(second.ref, second.spec, { signal: new AbortController().signal });
    for (const [to, from, text] of [
      [second, first, 'two\n'],
      [first, second, 'one\n'],
    ] as const) {
      const watch = watchPort(hostPort);
      await runtime.switchTraffic(to.ref, to.spec, [from.ref]);
      await expect.poll(() => watch.last()).toBe(text);
      const { longestGap, answers } = await watch.stop();
      console.log(`longest time without an answer: ${Math.round(longestGap)} ms; ${answers} answers`);
      expect(longestGap).toBeLessThan(2000);
    }
  });

  test('for UDP is opened too', async () => {
    const hostPort = await freePort();
    const unit = instance.unit('udp', busybox.image, {
      publish: [{ containerPort: 5353, protocol: 'udp', hostPort }],
    });
    await instance.serve(unit);
    expect(await runtime.portHolders([{ hostPort, protocol: 'udp' }])).toEqual([
      expect.stringMatching(/^wb-traffic-udp-/),
    ]);
    expect(await runtime.portHolders([{ hostPort, protocol: 'tcp' }])).toEqual([undefined]);
  });

  test('that another container holds is not taken, and nothing changes', async () => {
    const hostPort = await freePort();
    const holder = web('holder', publishing(hostPort));
    await instance.serve(holder);
    const wanting = instance.unit('other', busybox.image, publishing(hostPort));
    await instance.stage(wanting);
    await expect(runtime.switchTraffic(wanting.ref, wanting.spec, [])).rejects.toMatchObject({
      code: 'port-taken',
      details: {
        port: hostPort,
        holder: expect.stringMatching(/^wb-traffic-web-/) as string,
        component: 'other',
        containerPort: 8080,
      },
    });
    expect(await answer(hostPort)).toBe('holder\n');
  });

  test('that a program of the host holds is not taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const unit = web('one', publishing(port));
    await instance.stage(unit);
    expect(await runtime.portHolders([{ hostPort: port, protocol: 'tcp' }])).toEqual(['another program on the host']);
    await expect(runtime.switchTraffic(unit.ref, unit.spec, [])).rejects.toMatchObject({ code: 'port-taken' });
  });

  test('that was taken in between is reported, and opens once it is free', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const unit = web('one', publishing(port));
    await instance.stage(unit);
    const connection = await connectEngine({
      env: process.env,
      callTimeoutMs: 30_000,
      loadIdleMs: 1,
      clock: systemClock,
    });
    const networks = await networksOf(connection, instance.id);
    await expect(
      passPorts({ ...connection, local: false }, networks, unit.spec, [], await containersOf(connection, unit.ref)),
    ).rejects.toMatchObject({ code: 'port-taken', details: { port, containerPort: 8080 } });
    server.close();
    await once(server, 'close');
    await runtime.switchTraffic(unit.ref, unit.spec, []);
    await expect.poll(() => answer(port)).toBe('one\n');
  });

  test('is held by the first of several replicas', async () => {
    const hostPort = await freePort();
    const unit = web('one', { replicas: 2, ...publishing(hostPort) });
    await instance.serve(unit);
    expect(await answer(hostPort)).toBe('one\n');
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: true }]);
  });
});

test('a switch that was broken off is completed by repeating it', async () => {
  const hostPort = await freePort();
  const first = web('one', publishing(hostPort));
  const second = web('two', publishing(hostPort));
  await instance.serve(first);
  await instance.stage(second);
  const networks = await docker.listNetworks({ filters: { label: [`waybill.instance=${instance.id}`] } });
  const inside = networks.find(({ Internal }) => Internal)!;
  // As if the process had died after it took the new container off the network, to bring it back with the name.
  await docker.getNetwork(inside.Id).disconnect({ Container: await containerOf(runtime, second) });
  await runtime.switchTraffic(second.ref, second.spec, [first.ref]);
  await expect.poll(() => answer(hostPort)).toBe('two\n');
  expect((await runtime.observe(instance.id)).filter(({ serving }) => serving).map(({ ref }) => ref)).toEqual([
    second.ref,
  ]);
});

test('a container that holds no ports has a way out from the start, one that does gets it when it serves', async () => {
  const plain = instance.unit('plain', busybox.image);
  const open = web('one', publishing(await freePort()));
  await Promise.all([instance.stage(plain), instance.stage(open)]);
  const networksOf = async (unit: TestUnit): Promise<number> =>
    Object.keys((await docker.getContainer(await containerOf(runtime, unit)).inspect()).NetworkSettings.Networks)
      .length;
  expect([await networksOf(plain), await networksOf(open)]).toEqual([2, 1]);
  await instance.serve(open);
  expect(await networksOf(open)).toBe(2);
});
