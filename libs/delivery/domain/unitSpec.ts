import { digestOf, type CanonicalValue, type Digest, type InstanceId } from '@waybill/kernel';
import type { Gate, Text, UnitSpec } from '@waybill/runtime';
import { environmentOf, secretAmong } from './environment.js';
import {
  itemsOfKind,
  publishedOf,
  replicasOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type FileValue,
  type ImageValue,
  type ProbeValue,
  type VolumeValue,
  type WorkloadValue,
} from './desired.js';
import { hostsToKnow } from './elsewhere.js';
import { sharedVolume, usableMounts } from './mounts.js';
import { ownSecret, withSecrets } from './placeholders.js';
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
/** Seconds that a job may take: a migration of a large database takes long, and one that hangs must end some day. */
export const JOB_DEADLINE = 6 * 3600;

/** What runs a component, or undefined when nothing of it runs here (external, cron, unsupported kinds). */
export const unitSpec = (component: DesiredComponent, source: UnitSource): UnitSpec | undefined =>
  specOf(component, source, runsHere);

/** What a component runs from when its time has come, or undefined when it does not run at times. */
export const runSpec = (component: DesiredComponent, source: UnitSource): UnitSpec | undefined =>
  specOf(component, source, ({ kind }) => kind === 'cron');

function specOf(
  component: DesiredComponent,
  source: UnitSource,
  runs: (workload: WorkloadValue) => boolean,
): UnitSpec | undefined {
  const image = valueAt<ImageValue>(component, 'image');
  const workload = valueAt<WorkloadValue>(component, 'workload');
  if (image === undefined || workload === undefined || !runs(workload)) return undefined;
  const environment = environmentOf(component, source.desired);
  const command = valueAt<string>(component, 'command') ?? '';
  const replicas = replicasOf(component);
  const extraHosts = hostsToKnow(providersOf(component, source.desired));
  const health = healthOf(component);
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
      .map(({ name, value }) => ({
        path: name,
        ...(value.capacity === undefined ? {} : { sizeMiB: value.capacity * 1024 }),
      })),
    publish: publishedOf(component).filter(({ replica = 0 }) => replica < replicas),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
    ...(health === undefined ? {} : { health }),
    gate: gateOf(component, workload),
    memoryMiB: valueAt<number>(component, 'memory') ?? 0,
    cpuMilli: valueAt<number>(component, 'cpu') ?? 0,
    replicas,
    lifetime: endsByItself(workload) ? 'once' : 'keep-up',
    stopGrace: STOP_GRACE,
  };
}

const providersOf = (component: DesiredComponent, desired: Desired): readonly DesiredComponent[] =>
  itemsOfKind(component, 'depends').flatMap(({ name }) => desired.components[name] ?? []);

const endsByItself = ({ kind }: WorkloadValue): boolean => kind === 'job' || kind === 'cron';

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
  const fileOf = (owner: DesiredComponent, from: string, path: string): readonly UnitSpec['files'][number][] => {
    const value = valueAt<FileValue>(owner, `file/${from}`);
    if (value === undefined) return [];
    const content = source.contents.get(value.document);
    if (content === undefined) throw new Error(`the content ${value.document} of ${from} was not given`);
    const text = withSecrets(content, ownSecret.file(owner.key, from), secretAmong(source.desired));
    return [{ path, mode: value.mode, content: substitute(text, environment) }];
  };
  return [
    ...itemsOfKind(component, 'file').flatMap(({ name: path }) => fileOf(component, path, path)),
    ...usableMounts(component, source.desired).flatMap(({ path, owner, value }) =>
      'file' in value ? fileOf(owner, value.file, path) : [],
    ),
  ];
}

function volumesOf(component: DesiredComponent, desired: Desired): UnitSpec['volumes'] {
  const own = itemsOfKind<VolumeValue>(component, 'volume')
    .filter(({ value }) => value.kind === 'persistent')
    .map(({ name: path, value }) => ({ name: value.engine, path, readOnly: false }));
  const shared = usableMounts(component, desired).flatMap(({ path, owner, value }) => {
    const volume = 'volume' in value ? sharedVolume(owner, value.volume) : undefined;
    return volume === undefined ? [] : [{ name: volume.engine, path, readOnly: false }];
  });
  return [...own, ...shared];
}

/**
 * A liveness probe by command is the container's health check: the engine asks for as long as it runs. What the engine cannot ask by itself
 * (it has no client for HTTP or TCP inside a container) is not watched, and the plan says so.
 */
function healthOf(component: DesiredComponent): UnitSpec['health'] {
  const probe = valueAt<ProbeValue>(component, 'probe/liveness');
  if (probe?.check.kind !== 'command') return undefined;
  const { check, initialDelay, period, timeout, failureThreshold } = probe;
  return { command: check.command, initialDelay, period, timeout, failureThreshold };
}

function gateOf(component: DesiredComponent, workload: WorkloadValue): Gate {
  if (endsByItself(workload)) return { deadline: JOB_DEADLINE, settle: SETTLE };
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
