import {
  cannotStart,
  connectionHost,
  endpointsOf,
  haveAddresses,
  loopbackOf,
  partInWords,
  unusableMounts,
  type Manifest,
} from '@waybill/packaging';
import type { Digest } from '@waybill/kernel';
import {
  itemsOfKind,
  publishedOf,
  replicasOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type EnvValue,
  type FileValue,
  type ProbeValue,
  type WorkloadValue,
} from './desired.js';
import type { PlanWarning } from './plan.js';
import { everComes, NEVER, scheduleOf, scheduleTextOf } from './schedule.js';

type Contents = ReadonlyMap<Digest, string>;

/** What a person should know before submitting: parts that do not run here, and values that look wrong here. */
export function planWarnings(
  desired: Desired | undefined,
  manifest: Manifest | undefined,
  contents: Contents,
): readonly PlanWarning[] {
  if (desired === undefined) return [];
  const names = new Map<string, string>(
    Object.values(desired.components).map(({ templateKey, name }) => [templateKey, name]),
  );
  const nameOfKey = (key: string): string => names.get(key) ?? key;
  return [
    ...Object.values(desired.components).flatMap((component) => componentWarnings(component, desired, contents)),
    ...Object.entries(desired.shared).flatMap(([path, { value }]) =>
      loopback('template', `the shared value ${path.slice('group/'.length)}`, value as string),
    ),
    ...carriedWarnings(manifest, nameOfKey),
    ...routeWarnings(manifest, nameOfKey),
  ];
}

function componentWarnings(component: DesiredComponent, desired: Desired, contents: Contents): readonly PlanWarning[] {
  const warn = (code: string, message: string): PlanWarning => ({ code, subject: component.name, message });
  const workload = valueAt<WorkloadValue>(component, 'workload');
  return [
    ...elsewhereWarnings(component),
    ...(workload?.kind === 'unsupported'
      ? [warn('workload-unsupported', `a component of the kind ${workload.source} does not run here.`)]
      : []),
    ...cannotStart(component).map((why) => warn('cannot-start', `it cannot start: ${why}.`)),
    ...scheduleWarnings(component),
    ...livenessWarnings(component),
    ...itemsOfKind<EnvValue>(component, 'env').flatMap(({ name, value }) =>
      'text' in value ? loopback(component.name, name, value.text) : [],
    ),
    ...itemsOfKind<FileValue>(component, 'file').flatMap(({ name, value }) =>
      loopback(component.name, `the file ${name}`, contents.get(value.document) ?? ''),
    ),
    ...itemsOfKind(component, 'depends')
      .filter(({ name }) => desired.components[name] === undefined)
      .map(({ name }) => warn('dependency-missing', `it depends on ${name}, which is not there.`)),
    ...unusableMounts(component, desired).map(({ path, why }) =>
      warn('mount-not-made', `nothing is mounted at ${path}: ${why}.`),
    ),
    ...replicaWarnings(component),
  ];
}

const loopback = (subject: string, where: string, text: string): readonly PlanWarning[] => {
  const found = loopbackOf(text);
  return found === undefined
    ? []
    : [
        {
          code: 'loopback-address',
          subject,
          message: `${where} names ${found}, which inside a container is the container itself.`,
        },
      ];
};

function elsewhereWarnings(component: DesiredComponent): readonly PlanWarning[] {
  const endpoints = endpointsOf(component);
  if (endpoints === undefined) return [];
  const warn = (code: string, message: string): PlanWarning => ({ code, subject: component.name, message });
  const { usable, unusable } = endpoints;
  const places = usable.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`)).join(', ');
  const found =
    usable.length === 0
      ? 'no address is known; set its endpoints'
      : haveAddresses(usable)
        ? `${places}; those who use it find it under ${component.host}`
        : `${places}; those who use it are given ${connectionHost(component)} as its host, and do not find it under ${component.host}`;
  const ports = itemsOfKind(component, 'port').map(({ name }) => Number(name));
  const moved = usable.filter(({ port }) => port !== undefined && ports.length > 0 && !ports.includes(port));
  return [
    warn('runs-elsewhere', `it runs elsewhere (${found}); nothing is started here.`),
    ...unusable.map((one) => warn('endpoint-not-usable', `nothing is found through the endpoint ${one}.`)),
    ...moved.map(({ host, port }) =>
      warn(
        'endpoint-port-differs',
        `${host} answers on port ${port}, not on ${ports.join(' or ')}: connection values say so, a port that stands in a text does not.`,
      ),
    ),
  ];
}

function scheduleWarnings(component: DesiredComponent): readonly PlanWarning[] {
  const text = scheduleTextOf(component);
  if (text === undefined) return [];
  const schedule = scheduleOf(component);
  const message =
    schedule === undefined
      ? text === NEVER
        ? 'it is kept from running at times; set its schedule to have it run.'
        : 'nothing says when it runs; set its schedule.'
      : !everComes(schedule)
        ? `it never runs: "${schedule.text}" names a time that never comes; set its schedule.`
        : `nothing is started now: it runs at "${schedule.text}" (${schedule.timeZone}).`;
  return [{ code: 'runs-at-times', subject: component.name, message }];
}

function livenessWarnings(component: DesiredComponent): readonly PlanWarning[] {
  const probe = valueAt<ProbeValue>(component, 'probe/liveness');
  if (probe === undefined || probe.check.kind === 'command') return [];
  const message = `its liveness probe by ${probe.check.kind} is kept, but not watched: the engine asks by command only.`;
  return [{ code: 'liveness-not-watched', subject: component.name, message }];
}

function replicaWarnings(component: DesiredComponent): readonly PlanWarning[] {
  const replicas = replicasOf(component);
  const ports = publishedOf(component);
  if (replicas === 1 || ports.length === 0) return [];
  const each = [...new Set(ports.map(({ containerPort }) => containerPort))].map((containerPort) => {
    const own = ports.filter((port) => port.containerPort === containerPort && (port.replica ?? 0) < replicas);
    const hosts = own.map(({ hostPort }) => hostPort).join(', ');
    return own.length === replicas
      ? `port ${containerPort} answers on ${hosts}`
      : `port ${containerPort} answers on ${hosts} only`;
  });
  const message = `each of its ${replicas} replicas has ports of its own on the host, and nothing spreads callers over them: ${each.join('; ')}.`;
  return [{ code: 'replicas-published-apart', subject: component.name, message }];
}

type NameOf = (key: string) => string;

const carriedWarnings = (manifest: Manifest | undefined, nameOf: NameOf): readonly PlanWarning[] =>
  (manifest?.carried ?? []).map((part) => ({
    code: 'carried-not-applied',
    subject: part.component === undefined ? 'template' : nameOf(part.component),
    message: `the ${partInWords(part)} is kept, but not applied here.`,
  }));

const routeWarnings = (manifest: Manifest | undefined, nameOf: NameOf): readonly PlanWarning[] =>
  (manifest?.routes ?? []).map(({ component, port, path }) => ({
    code: 'route-not-applied',
    subject: nameOf(component),
    message: `the HTTP route ${path} to port ${port} is kept, but there is no gateway yet: the port itself is published where the template opens it.`,
  }));
