import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import type { ComponentKey, InstanceId } from '@waybill/kernel';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.js';
import { busyboxImage } from '../testing/busyboxImage.js';
import { testInstance, type TestInstance } from '../testing/testInstance.js';
import { dockerRuntime } from './dockerRuntime.js';
import { networkName } from './names.js';

const docker = new Docker();
let runtime: Runtime;
let instance: TestInstance;

beforeAll(async () => {
  runtime = await dockerRuntime();
});
beforeEach(async () => {
  instance = await testInstance(runtime);
});
afterEach(() => instance.clear());

const component = 'db' as ComponentKey;

describe('the networks of an instance', () => {
  const namesOf = async (id: InstanceId): Promise<readonly string[]> =>
    (await docker.listNetworks({ filters: { label: [`waybill.instance=${id}`] } })).map(({ Name }) => Name).sort();

  test('are two, of which one has no way out, and are made once', async () => {
    await Promise.all([runtime.ensureNetworks(instance.network), runtime.ensureNetworks(instance.network)]);
    const names = [networkName(instance.id, 'test', 'inside'), networkName(instance.id, 'test', 'outside')];
    expect(await namesOf(instance.id)).toEqual(names);
    const [inside, outside] = await Promise.all(names.map((name) => docker.getNetwork(name).inspect()));
    expect([inside?.Internal, outside?.Internal]).toEqual([true, false]);
    expect([inside?.IPAM?.Config?.[0]?.Subnet, outside?.IPAM?.Config?.[0]?.Subnet]).toEqual([
      instance.network.insideSubnet,
      instance.network.outsideSubnet,
    ]);
  });

  test('are not made where another network is, and the subnet is named', async () => {
    const { outsideSubnet: subnet } = instance.network;
    await runtime.removeNetworks(instance.id);
    const other = await docker.createNetwork({ Name: `other-${instance.id}`, IPAM: { Config: [{ Subnet: subnet }] } });
    try {
      await expect(runtime.ensureNetworks(instance.network)).rejects.toMatchObject({
        code: 'subnet-taken',
        details: { subnet, purpose: 'outside' },
      });
    } finally {
      await other.remove();
    }
  });

  test('are removed, and removing them again is fine', async () => {
    await runtime.removeNetworks(instance.id);
    await runtime.removeNetworks(instance.id);
    expect(await namesOf(instance.id)).toEqual([]);
  });

  test('are removed as soon as the last container has left them', async () => {
    const busybox = await busyboxImage();
    await runtime.ensureImage(busybox.image, busybox.source);
    const unit = instance.unit('web', busybox.image);
    await instance.stage(unit);
    const removed = runtime.removeNetworks(instance.id);
    await runtime.retireUnit(unit.ref);
    await removed;
    expect(await namesOf(instance.id)).toEqual([]);
  });

  test('stay while a container does, and say so', async () => {
    const busybox = await busyboxImage();
    await runtime.ensureImage(busybox.image, busybox.source);
    await instance.stage(instance.unit('web', busybox.image));
    const impatient = await dockerRuntime({ callTimeoutMs: 1_000 });
    await expect(impatient.removeNetworks(instance.id)).rejects.toMatchObject({ code: 'engine-refused' });
    expect(await namesOf(instance.id)).toHaveLength(2);
  });

  test('are made anew when they have another subnet', async () => {
    const moved = { ...instance.network, insideSubnet: instance.network.insideSubnet.replace('.0/26', '.128/26') };
    await runtime.ensureNetworks(moved);
    const inside = await docker.getNetwork(networkName(instance.id, 'test', 'inside')).inspect();
    expect(inside.IPAM?.Config?.[0]?.Subnet).toBe(moved.insideSubnet);
  });

  test('are never those of someone else', async () => {
    await runtime.removeNetworks(instance.id);
    const theirs = await docker.createNetwork({ Name: networkName(instance.id, 'test', 'inside'), Internal: true });
    try {
      await expect(runtime.ensureNetworks(instance.network)).rejects.toMatchObject({
        code: 'object-not-ours',
        details: { kind: 'network' },
      });
    } finally {
      await theirs.remove();
    }
  });
});

describe('a volume', () => {
  const labels = () => ({ instance: instance.id, component, volume: 'data' });

  test('is made once, listed and removed', async () => {
    const name = `wb-test-${randomUUID()}`;
    await runtime.ensureVolume(name, labels());
    await runtime.ensureVolume(name, labels());
    expect(await runtime.listVolumes(instance.id)).toEqual([name]);
    await runtime.removeVolume(name);
    await runtime.removeVolume(name);
    expect(await runtime.listVolumes(instance.id)).toEqual([]);
  });

  test('of someone else is neither taken nor removed', async () => {
    const name = `wb-test-${randomUUID()}`;
    await docker.createVolume({ Name: name });
    try {
      await expect(runtime.ensureVolume(name, labels())).rejects.toMatchObject({ code: 'object-not-ours' });
      await expect(runtime.removeVolume(name)).rejects.toMatchObject({ code: 'object-not-ours' });
      expect((await docker.getVolume(name).inspect()).Name).toBe(name);
    } finally {
      await docker.getVolume(name).remove();
    }
  });
});

test('the engine says what it is', async () => {
  const info = (await docker.info()) as { ID: string; ServerVersion: string };
  expect(await runtime.engine()).toMatchObject({
    id: info.ID,
    version: info.ServerVersion,
    os: 'linux',
    kind: 'docker',
  });
});
