import type { ManifestComponent, Probe, Resources, Workload } from '../manifest.js';
import { isJsonList } from '../ram/json.js';
import { sortedTexts } from '../ram/order.js';
import { deployAttributes } from './attributes.js';
import {
  attribute,
  flag,
  itemsOf,
  list,
  member,
  membersOf,
  sortAttributes,
  textAt,
  textsOf,
  wholeNumber,
  type Placed,
  type Reading,
  type Service,
} from './reading.js';
import { bytesOf, quoted, secondsOf } from './units.js';

/** The command line in one text, the words of a list quoted. */
export function commandOf(reading: Reading, service: Service): string | undefined {
  const placed = attribute(service, 'command');
  if (!isJsonList(placed.value)) return textAt(reading, placed);
  return placed.value.length === 0 ? undefined : textsOf(reading, placed).map(quoted).join(' ');
}

/** A health check, as what a rollout waits for and as what the engine watches from then on. */
export function probesOf(reading: Reading, service: Service): readonly Probe[] {
  const placed = attribute(service, 'healthcheck');
  if (placed.value === null) return [];
  const command = testOf(reading, service, placed);
  const seconds = (name: string): number | undefined => duration(reading, member(placed, name));
  const [interval = 30, timeout = 30, startPeriod = 0] = [
    seconds('interval'),
    seconds('timeout'),
    seconds('start_period'),
  ];
  const retries = wholeNumber(reading, member(placed, 'retries')) ?? 3;
  const often = Math.max(Math.min(seconds('start_interval') ?? interval, interval), 1);
  if (command === undefined) return [];
  const probe = { check: { kind: 'command', command }, timeout: Math.max(timeout, 1), successThreshold: 1 } as const;
  return [
    {
      purpose: 'liveness',
      ...probe,
      initialDelay: startPeriod,
      period: Math.max(interval, 1),
      failureThreshold: Math.max(retries, 1),
    },
    // In the start period a miss does not count.
    {
      purpose: 'readiness',
      ...probe,
      initialDelay: 0,
      period: often,
      failureThreshold: Math.max(Math.ceil((startPeriod + retries * interval) / often), 1),
    },
  ];
}

function testOf(reading: Reading, service: Service, placed: Placed): string | undefined {
  const test = member(placed, 'test');
  const shell = (text: string) => `/bin/sh -c ${quoted(text)}`;
  const words = isJsonList(test.value) ? textsOf(reading, test) : undefined;
  const off = flag(reading, member(placed, 'disable')) || words?.[0] === 'NONE';
  if (off) list(reading, service, 'healthcheck', 'off');
  if (off) return undefined;
  if (words === undefined) {
    const text = textAt(reading, test);
    if (text === undefined) reading.problems.refuse(test.at, 'a health check says what it tests');
    return text === undefined ? undefined : shell(text);
  }
  const [how, ...rest] = words;
  if (how === 'CMD' && rest.length > 0) return rest.map(quoted).join(' ');
  if (how === 'CMD-SHELL' && rest.length === 1) return shell(rest[0] ?? '');
  reading.problems.refuse(test.at, 'a list begins with NONE, CMD or CMD-SHELL, and a command follows');
  return undefined;
}

function duration(reading: Reading, placed: Placed): number | undefined {
  const text = textAt(reading, placed);
  const seconds = text === undefined ? undefined : secondsOf(text);
  if (text !== undefined && seconds === undefined)
    reading.problems.refuse(placed.at, `"${text}" is no duration such as 1m30s`);
  return seconds;
}

/** How much it may use; what Compose leaves open is not limited. */
export function resourcesOf(reading: Reading, service: Service): Resources {
  const resources = member(attribute(service, 'deploy'), 'resources');
  const limits = member(resources, 'limits');
  for (const [name, { value }] of [
    ['limits pids', member(limits, 'pids')],
    ['reservations', member(resources, 'reservations')],
  ] as const)
    if (value !== null) list(reading, service, `deploy.resources ${name}`, value);
  const either = (one: Placed, other: Placed) => (one.value === null ? other : one);
  const memory = either(member(limits, 'memory'), attribute(service, 'mem_limit'));
  const cpus = either(member(limits, 'cpus'), attribute(service, 'cpus'));
  const [size, processors] = [textAt(reading, memory) ?? '0', textAt(reading, cpus) ?? '0'];
  const bytes = bytesOf(size);
  if (bytes === undefined) reading.problems.refuse(memory.at, `"${size}" is no size such as 512m`);
  if (!/^\d{1,4}(?:\.\d{1,6})?$/.test(processors))
    reading.problems.refuse(cpus.at, `"${processors}" is no number of processors`);
  return { memoryMiB: Math.ceil((bytes ?? 0) / 1024 ** 2), cpuMilli: Math.ceil(Number(processors) * 1000) || 0 };
}

/** How many run at first; a site may change it. */
export function replicasOf(reading: Reading, service: Service): ManifestComponent['replicas'] {
  const deployed = member(attribute(service, 'deploy'), 'replicas');
  const placed = deployed.value === null ? attribute(service, 'scale') : deployed;
  const initial = wholeNumber(reading, placed) ?? 1;
  if (initial === 0) reading.problems.refuse(placed.at, 'a component runs at least once; leave the service out');
  return { initial, min: 1, max: Math.max(initial, 64) };
}

/** How it runs: what others wait for to end is a job, what keeps data runs one after the other. */
export function workloadOf(reading: Reading, service: Service, awaited: boolean, keepsData: boolean): Workload {
  const deploy = attribute(service, 'deploy');
  sortAttributes(reading, service, deploy, deployAttributes, {}, 'deploy.');
  const mode = member(deploy, 'mode');
  const stated = textAt(reading, mode) ?? 'replicated';
  if (!['replicated', 'replicated-job'].includes(stated))
    reading.problems.refuse(mode.at, `the mode ${stated} is not carried`);
  const restart = textAt(reading, attribute(service, 'restart')) ?? '';
  const policy = member(deploy, 'restart_policy');
  const { workload, schedule } = service.extension;
  const kind = workload ?? (awaited || stated === 'replicated-job' ? 'job' : keepsData ? 'stateful' : 'service');
  const ends = kind === 'job' || kind === 'cron';
  // What keeps running is started again whenever it ends; what runs once is not.
  if (ends ? !['', 'no'].includes(restart) : ['no', 'false'].includes(restart) || restart.startsWith('on-failure'))
    list(reading, service, 'restart', restart);
  if (policy.value !== null) list(reading, service, 'deploy.restart_policy', policy.value);
  return kind === 'cron' ? { kind, ...(schedule === undefined ? {} : { schedule }) } : { kind };
}

/** What a service depends on, and whether it waits for its end. */
export interface Dependency {
  readonly service: string;
  readonly completed: boolean;
}

export function dependenciesOf(
  reading: Pick<Reading, 'problems' | 'kept'>,
  service: Service,
  names: ReadonlySet<string>,
): readonly Dependency[] {
  const placed = attribute(service, 'depends_on');
  const stated = isJsonList(placed.value)
    ? itemsOf(reading, placed).map((item) => ({ name: textAt(reading, item) ?? '', value: null, at: item.at }))
    : membersOf(reading, placed);
  const linked = itemsOf(reading, attribute(service, 'links')).map((item) => {
    const text = textAt(reading, item) ?? '';
    const [name = '', alias = name] = text.split(':');
    if (alias !== name) list(reading, service, `links ${text}`, text);
    return { name, value: null, at: item.at };
  });
  const found = new Map<string, Dependency>();
  for (const { name, value, at } of [...stated, ...linked]) {
    const condition = textAt(reading, member({ value, at }, 'condition')) ?? 'service_started';
    const required = member({ value, at }, 'required');
    const optional = required.value !== null && !flag(reading, required);
    if (!['service_started', 'service_healthy', 'service_completed_successfully'].includes(condition))
      reading.problems.refuse(at, `the condition ${condition} is not known`);
    if (flag(reading, member({ value, at }, 'restart'))) list(reading, service, `depends_on ${name} restart`, 'true');
    if (names.has(name)) found.set(name, { service: name, completed: condition === 'service_completed_successfully' });
    else if (optional) list(reading, service, `depends_on ${name}`, name);
    else reading.problems.refuse(at, `there is no service ${name} that is published`);
  }
  return sortedTexts(found.keys()).flatMap((name) => found.get(name) ?? []);
}
