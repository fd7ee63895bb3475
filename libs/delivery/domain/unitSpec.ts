import { digestOf, type CanonicalValue, type Digest, type InstanceId } from '@waybill/kernel';
import type { Gate, Text, UnitSpec } from '@waybill/runtime';
import { environmentOf } from './environment.js';
import {
  itemsOfKind,
  publishedOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type FileValue,
  type ImageValue,
  type MountValue,
  type ProbeValue,
  type VolumeValue,
  type WorkloadValue,
} from './desired.js';
import { substitute } from './substitute.js';

export interface UnitSource {
  readonly instance: { readonly id: InstanceId; readonly name: string };
  readonly desired: Desired;
  /** The text of a configuration file by its digest. */
  readonly contents: ReadonlyMap<Digest, string>;
}

/** Seconds that a component without probe may take to come up, and how long it must then stay up. */
const GATE_DEADLINE = 120;
const SETTLE = 3;
const STOP_GRACE = 10;

/** What runs a component, or undefined when nothing of it runs here (external, cron, unsupported kinds). */
export function unitSpec(component: DesiredComponent, source: UnitSource): UnitSpec | undefined {
  const image = valueAt<ImageValue>(component, 'image');
  const workload = valueAt<WorkloadValue>(component, 'workload');
  if (image === undefined || workload === undefined || !runsHere(workload)) return undefined;
  const environment = environmentOf(component, source.desired);
  const command = valueAt<string>(component, 'command') ?? '';
  return {
    instance: source.instance.id,
    component: component.key,
    instanceName: source.instance.name,
    componentName: component.name,
    host: component.host,
    image,
    ...(command === '' ? {} : { command }),
    env: [...environment].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, value })),
    files: filesOf(component, source, environment),
    volumes: volumesOf(component, source.desired),
    memoryVolumes: itemsOfKind<VolumeValue>(component, 'volume')
      .filter(({ value }) => value.kind === 'memory')
      .map(({ name }) => ({ path: name })),
    publish: publishedOf(component),
    gate: gateOf(component),
    memoryMiB: valueAt<number>(component, 'memory') ?? 0,
    cpuMilli: valueAt<number>(component, 'cpu') ?? 0,
    replicas: workload.kind === 'service' ? (valueAt<number>(component, 'replicas') ?? 1) : 1,
    lifetime: workload.kind === 'job' ? 'once' : 'keep-up',
    stopGrace: STOP_GRACE,
  };
}

export const runsHere = (workload: WorkloadValue): boolean =>
  workload.kind === 'service' || workload.kind === 'stateful' || workload.kind === 'job';

/** Tells units that would run alike: names for people and the way readiness is judged do not count. */
export function specDigest(spec: UnitSpec): Digest {
  const { instanceName: _instance, componentName: _component, gate: _gate, stopGrace: _grace, ...rest } = spec;
  return digestOf(rest as unknown as CanonicalValue);
}

function filesOf(
  component: DesiredComponent,
  source: UnitSource,
  environment: ReadonlyMap<string, Text>,
): UnitSpec['files'] {
  return itemsOfKind<FileValue>(component, 'file').map(({ name: path, value }) => {
    const content = source.contents.get(value.document);
    if (content === undefined) throw new Error(`the content ${value.document} of ${path} was not given`);
    return { path, mode: value.mode, content: substitute(content, environment) };
  });
}

function volumesOf(component: DesiredComponent, desired: Desired): UnitSpec['volumes'] {
  const own = itemsOfKind<VolumeValue>(component, 'volume')
    .filter(({ value }) => value.kind === 'persistent')
    .map(({ name: path, value }) => ({ name: value.engine, path, readOnly: false }));
  const shared = itemsOfKind<MountValue>(component, 'mount').flatMap(({ name: path, value }) => {
    const owner = desired.components[value.component];
    const volume =
      owner === undefined
        ? undefined
        : itemsOfKind<VolumeValue>(owner, 'volume').find((one) => one.value.name === value.volume);
    return volume === undefined ? [] : [{ name: volume.value.engine, path, readOnly: false }];
  });
  return [...own, ...shared];
}

function gateOf(component: DesiredComponent): Gate {
  const probe = valueAt<ProbeValue>(component, 'probe/readiness');
  if (probe === undefined) return { deadline: GATE_DEADLINE, settle: SETTLE };
  const { check, initialDelay, period, timeout, successThreshold, failureThreshold } = probe;
  const patience = initialDelay + failureThreshold * (period + timeout);
  return {
    probe: { check, initialDelay, period, timeout, successThreshold },
    deadline: Math.max(patience, MINIMAL_PATIENCE),
    settle: SETTLE,
  };
}

/** Seconds: probes are written for a running application; a first start (filling a directory, migrating a schema) takes longer. */
const MINIMAL_PATIENCE = 60;
