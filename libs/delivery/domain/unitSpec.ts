import { digestOf, type CanonicalValue, type Digest, type InstanceId } from '@waybill/kernel';
import {
  aliasesOf,
  commandCheck,
  endsByItself,
  environmentOf,
  filesOf,
  hostsToKnow,
  memoryVolumesOf,
  providersOf,
  runsHere,
  volumesOf,
} from '@waybill/packaging';
import type { Gate, UnitSpec } from '@waybill/runtime';
import {
  publishedOf,
  replicasOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type ImageValue,
  type ProbeValue,
  type WorkloadValue,
} from './desired.js';

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
  const aliases = aliasesOf(component, source.desired);
  const extraHosts = hostsToKnow(providersOf(component, source.desired), source.desired);
  // A liveness probe by command is the container's health check: the engine asks for as long as it runs. The plan tells of the others.
  const health = commandCheck(component, 'liveness');
  return {
    instance: source.instance.id,
    component: component.key,
    instanceName: source.instance.name,
    componentName: component.name,
    host: component.host,
    ...(aliases.length === 0 ? {} : { aliases }),
    image,
    ...(command === '' ? {} : { command }),
    env: [...environment].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, value })),
    files: filesOf(component, source.desired, source.contents, environment),
    volumes: volumesOf(component, source.desired),
    memoryVolumes: memoryVolumesOf(component),
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

/** Tells units that would run alike: names for people and the way readiness is judged do not count. */
export function specDigest(spec: UnitSpec): Digest {
  const { instanceName: _instance, componentName: _component, gate: _gate, stopGrace: _grace, ...rest } = spec;
  return digestOf(rest as unknown as CanonicalValue);
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
