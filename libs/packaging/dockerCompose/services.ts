import { commandWords, type ComponentKey } from '@waybill/kernel';
import { aliasesOf } from '../running/aliases.js';
import { hostsToKnow } from '../running/elsewhere.js';
import { environmentOf } from '../running/environment.js';
import { replicasOf, valueAt, type ImageValue, type RunningComponent, type WorkloadValue } from '../running/items.js';
import { startOrder } from '../running/order.js';
import { memoryVolumesOf, volumesOf } from '../running/volumes.js';
import { commandCheck, endsByItself, providersOf, runsHere, type CommandCheck } from '../running/workload.js';
import type { Composed } from './composed.js';
import { packageFiles } from './files.js';
import type { Variable } from './variables.js';
import { withVariables } from './withVariables.js';

/** A component that becomes a service. */
export interface Service {
  readonly component: RunningComponent;
  readonly image: ImageValue;
  readonly workload: WorkloadValue;
  /** Under which it is found in the archive of images, wherever nothing else answers to the name: `.invalid` leads nowhere, by RFC 2606. */
  readonly reference: string;
  /** Services that start before it. */
  readonly after: readonly ComponentKey[];
}

/** What runs once its time has come is there as well, for `docker compose run`, but is not started with the others. */
export const AT_TIMES = 'at-times';

/** Sorted by key. */
export function servicesOf({ running, project }: Pick<Composed, 'running' | 'project'>): readonly Service[] {
  const carried = Object.values(running.components).flatMap((component) => {
    const image = valueAt<ImageValue>(component, 'image');
    const workload = valueAt<WorkloadValue>(component, 'workload');
    if (image === undefined || workload === undefined || !(runsHere(workload) || workload.kind === 'cron')) return [];
    const reference = `waybill.invalid/${project}/${component.host}:${image.config.slice('sha256:'.length).slice(0, 24)}`;
    return [{ component, image, workload, reference }];
  });
  const needs = new Map(
    carried.map(({ component }) => [component.key, new Set(providersOf(component, running).map(({ key }) => key))]),
  );
  const batch = new Map(startOrder(needs).flatMap((keys, index) => keys.map((key) => [key, index] as const)));
  const started = new Set(
    carried.filter(({ workload }) => workload.kind !== 'cron').map(({ component }) => component.key),
  );
  return carried.map((service) => {
    const { key } = service.component;
    // Compose takes no rings: those who need one another start together.
    const isEarlier = (other: ComponentKey) => (batch.get(other) ?? 0) < (batch.get(key) ?? 0);
    const after = [...(needs.get(key) ?? [])].filter((other) => started.has(other) && isEarlier(other)).sort();
    return { ...service, after };
  });
}

/** Compose would put in a variable wherever a dollar stands alone. */
const plain = (text: string): string => text.replaceAll('$', '$$$$');

const inServices = (variable: Variable): string =>
  variable.kind === 'secret'
    ? `\${${variable.name}:?is missing, ./run.sh load makes it}`
    : `\${${variable.name}-${variable.fallback}}`;

/** @param isChecked has a component a health check, its own or its image's? */
export function serviceBody(
  service: Service,
  composed: Composed,
  isChecked: (component: ComponentKey) => boolean,
): Readonly<Record<string, unknown>> {
  const { component, workload, reference } = service;
  const { running, ports } = composed;
  const command = valueAt<string>(component, 'command') ?? '';
  const memory = valueAt<number>(component, 'memory') ?? 0;
  const cpu = valueAt<number>(component, 'cpu') ?? 0;
  const replicas = replicasOf(component);
  const check = healthCheckOf(component);
  const environment = [...environmentOf(component, running)].sort(([a], [b]) => (a < b ? -1 : 1));
  const hosts = hostsToKnow(providersOf(component, running), running);
  const aliases = aliasesOf(component, running);
  const published = ports.filter((port) => port.component === component.key);
  return withoutEmpty({
    image: reference,
    pull_policy: 'never',
    init: true,
    restart: endsByItself(workload) ? 'no' : 'unless-stopped',
    profiles: workload.kind === 'cron' ? [AT_TIMES] : [],
    scale: replicas > 1 ? replicas : undefined,
    command: commandWords(command).map(plain),
    environment: Object.fromEntries(
      environment.map(([name, text]) => [name, withVariables(text, composed, { text: plain, variable: inServices })]),
    ),
    ports: published.map(
      ({ variable, containerPort, protocol }) =>
        `${inServices(variable)}:${String(containerPort)}${protocol === 'udp' ? '/udp' : ''}`,
    ),
    volumes: mountsOf(service, composed),
    networks: aliases.length === 0 ? undefined : { default: { aliases } },
    extra_hosts: hosts.map(({ name, address }) => `${name}:${address}`),
    depends_on: Object.fromEntries(service.after.map((key) => [hostOf(composed, key), { condition: condition(key) }])),
    healthcheck: check === undefined ? undefined : healthCheck(check),
    mem_limit: memory === 0 ? undefined : `${String(memory)}m`,
    cpus: cpu === 0 ? undefined : cpu / 1000,
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
  });

  function condition(key: ComponentKey): string {
    const provider = running.components[key];
    const kind = provider === undefined ? undefined : valueAt<WorkloadValue>(provider, 'workload')?.kind;
    if (kind === 'job') return 'service_completed_successfully';
    return isChecked(key) ? 'service_healthy' : 'service_started';
  }
}

const hostOf = ({ running }: Composed, key: string): string => running.components[key]?.host ?? key;

/** As Waybill does it: a liveness probe by command, else, since here nothing else would ask, a readiness probe by command. */
export const healthCheckOf = (component: RunningComponent): CommandCheck | undefined =>
  commandCheck(component, 'liveness') ?? commandCheck(component, 'readiness');

const healthCheck = (check: CommandCheck) => ({
  test: ['CMD', ...commandWords(check.command).map(plain)],
  start_period: `${String(check.initialDelay)}s`,
  interval: `${String(Math.max(check.period, 1))}s`,
  timeout: `${String(Math.max(check.timeout, 1))}s`,
  retries: Math.max(check.failureThreshold, 1),
});

function mountsOf(service: Service, composed: Composed): readonly object[] {
  const { component } = service;
  return [
    // Templates fill empty directories themselves; the image's content must not seep into a volume.
    ...volumesOf(component, composed.running).map(({ name, path }) => ({
      type: 'volume',
      source: name,
      target: plain(path),
      volume: { nocopy: true },
    })),
    ...memoryVolumesOf(component).map(({ path, sizeMiB }) => ({
      type: 'tmpfs',
      target: plain(path),
      ...(sizeMiB === undefined ? {} : { tmpfs: { size: sizeMiB * 1024 * 1024 } }),
    })),
    ...packageFiles(component, composed).map((file) => ({
      type: 'bind',
      source: `./${file.used}`,
      target: plain(file.path),
      read_only: true,
    })),
  ];
}

/** Names of the volumes that hold data, with who sees them and where. */
export const volumeNames = (services: readonly Service[], { running }: Composed): readonly string[] =>
  [...new Set(services.flatMap(({ component }) => volumesOf(component, running).map(({ name }) => name)))].sort();

const withoutEmpty = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(body).filter(
      ([, value]) =>
        value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
    ),
  );
