import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { digestOf, type ComponentKey, type InstanceId, type RecordId } from '@waybill/kernel';
import type { InstanceNetwork, OpenSecret, Runtime, UnitImage, UnitRef, UnitSpec } from '../runtime.js';

/** One generation of a component: what a rollout hands to the runtime. */
export interface TestUnit {
  readonly ref: UnitRef;
  readonly spec: UnitSpec;
}

/** An instance of its own on the engine, with both networks, that can be cleared away. */
export interface TestInstance {
  readonly id: InstanceId;
  readonly network: InstanceNetwork;
  /** A unit of a fresh record. */
  unit(component: string, image: UnitImage, wishes?: Partial<UnitSpec>): TestUnit;
  stage(unit: TestUnit): Promise<void>;
  /** Staged, gated and serving. @throws when the gate fails */
  serve(unit: TestUnit, replacing?: readonly TestUnit[]): Promise<void>;
  clear(): Promise<void>;
}

export const noSecrets: OpenSecret = ({ secret }) => {
  throw new Error(`the secret ${secret} was not to be opened`);
};

export async function testInstance(runtime: Runtime, name = 'test'): Promise<TestInstance> {
  const id = randomUUID() as InstanceId;
  const network = await ensureSomeNetwork(runtime, id, name);
  const instance: TestInstance = {
    id,
    network,
    unit: (component, image, wishes = {}) => unitOf(id, name, component, image, wishes),
    stage: async ({ ref, spec }) => {
      await runtime.stageUnit(ref, spec, noSecrets);
    },
    serve: async (unit, replacing = []) => {
      await instance.stage(unit);
      const outcome = await runtime.gateUnit(unit.ref, unit.spec, { signal: new AbortController().signal });
      if (outcome.kind === 'failed') throw new Error(`${outcome.reason}\n${outcome.log}`);
      await runtime.switchTraffic(
        unit.ref,
        unit.spec,
        replacing.map(({ ref }) => ref),
      );
    },
    clear: async () => {
      await Promise.all((await runtime.observe(id)).map(({ ref }) => runtime.retireUnit(ref)));
      for (const volume of await runtime.listVolumes(id)) await runtime.removeVolume(volume);
      await runtime.removeNetworks(id);
    },
  };
  return instance;
}

/** Other tests choose subnets at the same time, so a clash is met with another choice. */
async function ensureSomeNetwork(
  runtime: Runtime,
  instance: InstanceId,
  instanceName: string,
): Promise<InstanceNetwork> {
  for (let attempt = 1; ; attempt += 1) {
    const base = `10.${randomInt(100, 250)}.${randomInt(0, 256)}`;
    const network = { instance, instanceName, insideSubnet: `${base}.0/26`, outsideSubnet: `${base}.64/26` };
    try {
      await runtime.ensureNetworks(network);
      return network;
    } catch (error) {
      await runtime.removeNetworks(instance);
      if (attempt === 5) throw error;
    }
  }
}

function unitOf(
  instance: InstanceId,
  instanceName: string,
  component: string,
  image: UnitImage,
  wishes: Partial<UnitSpec>,
): TestUnit {
  const spec: UnitSpec = {
    instance,
    component: component as ComponentKey,
    instanceName,
    componentName: component,
    host: component,
    image,
    env: [],
    files: [],
    volumes: [],
    memoryVolumes: [],
    publish: [],
    gate: { deadline: 20, settle: 0 },
    memoryMiB: 0,
    cpuMilli: 0,
    replicas: 1,
    lifetime: 'keep-up',
    stopGrace: 0,
    ...wishes,
  };
  const specDigest = digestOf(JSON.stringify(spec));
  return { ref: { instance, component: spec.component, record: randomUUID() as RecordId, specDigest }, spec };
}

/** A port of the host that nothing held a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
