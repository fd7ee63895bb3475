import type { Manifest, ManifestComponent } from '../manifest.js';
import type { Notice } from '../package.js';
import { partInWords } from '../ram/carrying.js';
import { loopbackOf } from '../ram/suspicions.js';
import { connectionHost, endpointsOf, haveAddresses } from '../running/elsewhere.js';
import {
  itemsOfKind,
  valueAt,
  type EnvValue,
  type ProbeValue,
  type RunningComponent,
  type WorkloadValue,
} from '../running/items.js';
import { unusableMounts } from '../running/mounts.js';
import { endsByItself, providersOf } from '../running/workload.js';
import { composed, type Composed } from './composed.js';
import { AT_TIMES, healthCheckOf, servicesOf, type Service } from './services.js';

/**
 * What a docker-compose package of a version does not do, though the template says it; the subject is a service's name, or `template`.
 * Sorted by subject, code, message; the codes are in docs/formats.md.
 */
export const notCarriedByCompose = (manifest: Manifest): readonly Notice[] => notCarried(composed(manifest));

/** The same, where the names are chosen already. */
export function notCarried(package_: Composed): readonly Notice[] {
  const { manifest, running } = package_;
  const services = new Map(servicesOf(package_).map((service) => [service.component.key, service]));
  const hostOf = (key: string) => running.components[key]?.host ?? key;
  const notices = [
    ...Object.values(running.components).flatMap((component) => {
      const service = services.get(component.key);
      return service === undefined ? left(component) : inService(component, service, package_);
    }),
    ...manifest.components.flatMap((component) => loopbacks(component, hostOf(component.key))),
    ...manifest.configGroups.flatMap(({ name, items }) =>
      items.flatMap((item) => loopback('template', `${item.name} of the group ${name}`, item.value)),
    ),
    ...manifest.routes.map(({ component, port, path }) => ({
      code: 'route-not-carried',
      subject: hostOf(component),
      message: `the HTTP route ${path} to port ${String(port)}: Compose has no gateway. Reach the published port itself.`,
    })),
    ...manifest.carried.map(({ kind, name, component }) => ({
      code: 'part-not-carried',
      subject: component === undefined ? 'template' : hostOf(component),
      message: `the ${partInWords({ kind, name })}: Compose knows nothing of the kind.`,
    })),
  ];
  const order = ({ subject, code, message }: Notice) => `${subject}\0${code}\0${message}`;
  return notices.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const loopbacks = ({ env, files }: ManifestComponent, subject: string): readonly Notice[] => [
  ...env.filter(({ port }) => port === undefined).flatMap(({ name, value }) => loopback(subject, name, value)),
  ...files.flatMap(({ path, content }) => loopback(subject, `the file ${path}`, content)),
];

/** Where the reference system's mesh would have led to another component. */
function loopback(subject: string, where: string, text: string): readonly Notice[] {
  const found = loopbackOf(text);
  if (found === undefined) return [];
  const message = `${where} names ${found}, which inside a container is the container itself.`;
  return [{ code: 'loopback-address', subject, message }];
}

/** A component that becomes no service. */
function left(component: RunningComponent): readonly Notice[] {
  const workload = valueAt<WorkloadValue>(component, 'workload');
  const endpoints = endpointsOf(component);
  if (endpoints !== undefined) {
    const { usable } = endpoints;
    const places = usable.map(({ host, port }) => (port === undefined ? host : `${host}:${String(port)}`)).join(', ');
    const found =
      usable.length === 0
        ? 'no address is known: put one into extra_hosts of those who use it, in docker-compose.override.yaml.'
        : haveAddresses(usable)
          ? `those who use it find it at ${places}.`
          : `those who use it are given ${connectionHost(component)} as its host (${places}).`;
    return [
      { code: 'runs-elsewhere', subject: component.host, message: `nothing is started, it runs elsewhere; ${found}` },
    ];
  }
  const message =
    workload?.kind === 'unsupported'
      ? `nothing is started: a component of the kind ${workload.source} does not run with Compose.`
      : 'nothing is started: it has no image.';
  return [{ code: 'workload-unsupported', subject: component.host, message }];
}

function inService(component: RunningComponent, service: Service, { manifest, running }: Composed): readonly Notice[] {
  const notice = (code: string, message: string): Notice => ({ code, subject: component.host, message });
  const { workload, after } = service;
  const round = providersOf(component, running).filter(
    ({ key }) => !after.includes(key) && !waitsForNothing(running.components[key]),
  );
  const fixed = itemsOfKind<EnvValue>(component, 'env').filter(
    ({ name, value }) => 'text' in value && mayChange(manifest, component.key, name),
  );
  return [
    ...(workload.kind === 'cron'
      ? [
          notice(
            'runs-at-times',
            `Compose keeps no times${workload.schedule === undefined ? '' : ` (the template says "${workload.schedule}")`}. Run it from this machine's own: docker compose --profile ${AT_TIMES} run --rm ${component.host}`,
          ),
        ]
      : []),
    ...(workload.kind === 'job'
      ? [notice('job-runs-again', 'it runs once at every start, not once for a version.')]
      : []),
    ...probeNotices(component, notice),
    ...itemsOfKind(component, 'depends')
      .filter(({ name }) => running.components[name] === undefined)
      .map(({ name }) => notice('dependency-missing', `it depends on ${name}, which is not in the template.`)),
    ...round.map(({ host }) =>
      notice('order-not-kept', `it uses ${host}, which uses it too: neither waits for the other.`),
    ),
    ...unusableMounts(component, running).map(({ path, why }) =>
      notice('mount-not-made', `nothing is mounted at ${path}: ${why}.`),
    ),
    ...fixed.map(({ name }) =>
      notice('value-fixed', `${name} cannot stand in .env; change it in docker-compose.override.yaml.`),
    ),
  ];
}

/** May a site change it? Where it has text all the same, `.env` cannot hold the value. */
const mayChange = (manifest: Manifest, key: string, name: string): boolean =>
  manifest.components.some(
    (one) => one.key === key && one.env.some((variable) => variable.name === name && variable.editable),
  );

/** What does not start with the others is not waited for in any order. */
const waitsForNothing = (component: RunningComponent | undefined): boolean => {
  const kind = component === undefined ? undefined : valueAt<WorkloadValue>(component, 'workload')?.kind;
  return kind === undefined || kind === 'cron' || kind === 'external' || kind === 'unsupported';
};

function probeNotices(
  component: RunningComponent,
  notice: (code: string, message: string) => Notice,
): readonly Notice[] {
  const workload = valueAt<WorkloadValue>(component, 'workload');
  const asked = healthCheckOf(component);
  return (['readiness', 'liveness'] as const).flatMap((purpose) => {
    const probe = valueAt<ProbeValue>(component, `probe/${purpose}`);
    if (probe === undefined || (workload !== undefined && endsByItself(workload))) return [];
    const { check } = probe;
    if (check.kind === 'command')
      return check.command === asked?.command
        ? []
        : [
            notice(
              'probe-not-carried',
              `its ${purpose} probe (${check.command}): a service has one health check, which is the other probe.`,
            ),
          ];
    const asks =
      check.kind === 'http' ? `HTTP, port ${String(check.port)}, ${check.path}` : `TCP, port ${String(check.port)}`;
    return [
      notice(
        'probe-not-carried',
        `its ${purpose} probe (${asks}): Compose asks by a command inside the container only, and the image may have no client.`,
      ),
    ];
  });
}
