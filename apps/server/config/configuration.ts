import { homedir, hostname } from 'node:os';
import { resolve } from 'node:path';
import { storeAddress, type StoreAddress } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import { cidr } from './networkPool.js';
import { listenAddress, type ListenAddress } from './listenAddress.js';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export const roles = ['all', 'api', 'worker'] as const;
export type Role = (typeof roles)[number];

/** What the server was told by its environment, checked. All paths are absolute. */
export interface Configuration {
  readonly data: string;
  /** What this server does: serves the API, carries operations out, or both. */
  readonly role: Role;
  /** Folder of the content store; with a setting of its own it is shared by the servers of one event store, and holds the uploads too. */
  readonly content: { readonly folder: string; readonly shared: boolean };
  /** Milliseconds a claim stands without being renewed. */
  readonly leaseMs: number;
  /** Milliseconds one call of the engine may take. */
  readonly engineTimeoutMs: number;
  readonly listen: ListenAddress;
  readonly eventStore:
    | { readonly kind: 'embedded'; readonly file: string }
    | { readonly kind: 'eventstoredb'; readonly address: StoreAddress };
  /** In the form of DOCKER_HOST; absent: the default socket. */
  readonly dockerHost?: string;
  /** Folder of what `docker login` left: what registries are shown. */
  readonly dockerConfig: string;
  /** Registries (`host`, `host:port`) that are asked without encryption. */
  readonly plainRegistries: readonly string[];
  readonly runtime: 'docker';
  readonly secretKeyFile: string;
  /** OpenSSH form; signs what is exported. */
  readonly signingKeyFile: string;
  /** What the first root calls this server. */
  readonly publisher: string;
  /** CIDR from which instances get their subnets. */
  readonly networkPool: string;
  /** Folders from which packages may be imported by path. */
  readonly importRoots: readonly string[];
  /** File with the roots of a publisher that is trusted from the start. */
  readonly trustFile?: string;
  readonly logLevel: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws WaybillError `configuration-invalid` for the first wrong value */
export function readConfiguration(env: Environment, workingFolder: string): Configuration {
  const given = (name: string) => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const data = resolve(workingFolder, given('WAYBILL_DATA') ?? './.waybill');
  const keyFile = (name: string, usual: string) => resolve(workingFolder, given(name) ?? resolve(data, usual));
  const dockerHost = dockerAddress(given('DOCKER_HOST'));
  const content = given('WAYBILL_CONTENT');
  const trustFile = given('WAYBILL_TRUST');
  return {
    data,
    role: role(given('WAYBILL_ROLE') ?? given('ROLE') ?? 'all'),
    content: { folder: resolve(workingFolder, content ?? resolve(data, 'content')), shared: content !== undefined },
    leaseMs: seconds('WAYBILL_LEASE', given('WAYBILL_LEASE') ?? '15', { from: 3, to: 300 }),
    engineTimeoutMs: seconds('WAYBILL_ENGINE_TIMEOUT', given('WAYBILL_ENGINE_TIMEOUT') ?? '30', { from: 5, to: 300 }),
    listen: listenAddress(given('WAYBILL_LISTEN') ?? '127.0.0.1:8470'),
    eventStore: eventStore(given('WAYBILL_EVENTSTORE'), data, given('DEBUG')),
    ...(dockerHost === undefined ? {} : { dockerHost }),
    dockerConfig: resolve(workingFolder, given('DOCKER_CONFIG') ?? resolve(homedir(), '.docker')),
    plainRegistries: registries(given('WAYBILL_PLAIN_REGISTRIES')),
    runtime: runtime(given('WAYBILL_RUNTIME') ?? 'docker'),
    secretKeyFile: keyFile('WAYBILL_SECRET_KEY', 'secret-key'),
    signingKeyFile: keyFile('WAYBILL_SIGNING_KEY', 'signing-key'),
    publisher: publisherName(given('WAYBILL_PUBLISHER') ?? hostname()),
    networkPool: cidr('WAYBILL_NETWORK_POOL', given('WAYBILL_NETWORK_POOL') ?? '10.213.0.0/16'),
    importRoots: importRoots(given('WAYBILL_IMPORT_ROOTS'), data, workingFolder),
    ...(trustFile === undefined ? {} : { trustFile: resolve(workingFolder, trustFile) }),
    logLevel: logLevel(given('WAYBILL_LOG_LEVEL') ?? 'info'),
  };
}

/** The settings as they are printed at start: no value of a secret, no credentials inside an address. */
export function printableConfiguration(configuration: Configuration): Readonly<Record<string, string>> {
  const { data, listen, eventStore, dockerHost, secretKeyFile, networkPool, importRoots: roots } = configuration;
  return {
    WAYBILL_DATA: data,
    WAYBILL_ROLE: configuration.role,
    WAYBILL_CONTENT: configuration.content.folder,
    WAYBILL_LEASE: String(configuration.leaseMs / 1000),
    WAYBILL_ENGINE_TIMEOUT: String(configuration.engineTimeoutMs / 1000),
    WAYBILL_LISTEN: listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`,
    WAYBILL_EVENTSTORE: eventStore.kind === 'embedded' ? eventStore.file : eventStore.address.printable,
    DOCKER_HOST: dockerHost === undefined ? 'default socket' : dockerHost.replace(/\/\/[^@/]*@/, '//***@'),
    DOCKER_CONFIG: configuration.dockerConfig,
    WAYBILL_PLAIN_REGISTRIES: configuration.plainRegistries.join(',') || 'none',
    WAYBILL_RUNTIME: configuration.runtime,
    WAYBILL_SECRET_KEY: secretKeyFile,
    WAYBILL_SIGNING_KEY: configuration.signingKeyFile,
    WAYBILL_PUBLISHER: configuration.publisher,
    WAYBILL_NETWORK_POOL: networkPool,
    WAYBILL_IMPORT_ROOTS: roots.join(':'),
    WAYBILL_TRUST: configuration.trustFile ?? 'nobody',
    WAYBILL_LOG_LEVEL: configuration.logLevel,
  };
}

const invalid = (name: string, reason: string) => new WaybillError('configuration-invalid', { name, reason });

function eventStore(address: string | undefined, data: string, debug: string | undefined): Configuration['eventStore'] {
  if (address === undefined) return { kind: 'embedded', file: resolve(data, 'events.db') };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1] ?? 'no scheme';
  if (scheme !== 'esdb' && scheme !== 'esdb+discover')
    throw invalid(
      'WAYBILL_EVENTSTORE',
      `an address with ${scheme} is not known; use esdb:// or esdb+discover://, or leave it empty for the embedded store.`,
    );
  if (debug?.split(/[\s,]+/).some(opensClientLog) === true)
    throw invalid('DEBUG', 'with this value the client of EventStoreDB writes its password to the log.');
  return { kind: 'eventstoredb', address: storeAddress(address) };
}

/** Does this pattern of the `debug` package let the client's own log through? */
function opensClientLog(pattern: string): boolean {
  const [beginning = ''] = pattern.split('*');
  return beginning.startsWith('esdb') || (pattern.includes('*') && 'esdb'.startsWith(beginning));
}

function role(name: string): Role {
  const known = roles.find((one) => one === name);
  if (known === undefined) throw invalid('WAYBILL_ROLE', `"${name}" is not one of ${roles.join(', ')}.`);
  return known;
}

function seconds(name: string, text: string, { from, to }: { readonly from: number; readonly to: number }): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to)
    throw invalid(name, `"${text}" is not a whole number of seconds between ${from} and ${to}.`);
  return value * 1000;
}

function runtime(name: string): 'docker' {
  if (name === 'docker') return name;
  throw invalid('WAYBILL_RUNTIME', `"${name}" is not known; use docker.`);
}

function publisherName(name: string): string {
  if (name.length <= 200 && name.isWellFormed()) return name;
  throw invalid('WAYBILL_PUBLISHER', 'a name of at most 200 characters is expected.');
}

function dockerAddress(address: string | undefined): string | undefined {
  if (address === undefined || /^(unix:\/\/\/|tcp:\/\/|https?:\/\/)./.test(address)) return address;
  throw invalid('DOCKER_HOST', 'an address such as unix:///var/run/docker.sock or tcp://host:2376 is expected.');
}

function registries(text: string | undefined): readonly string[] {
  const hosts = (text ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  const wrong = hosts.find((host) => !/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/.test(host));
  if (wrong === undefined) return hosts;
  throw invalid('WAYBILL_PLAIN_REGISTRIES', `"${wrong}" is no host or host:port.`);
}

function importRoots(text: string | undefined, data: string, workingFolder: string): readonly string[] {
  if (text === undefined) return [resolve(data, 'incoming'), '/media', '/mnt'];
  const roots = text.split(':').filter((root) => root !== '');
  if (roots.some((root) => resolve(workingFolder, root) === '/'))
    throw invalid('WAYBILL_IMPORT_ROOTS', 'the root folder would open every file of the machine; name folders.');
  return roots.map((root) => resolve(workingFolder, root));
}

function logLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level === undefined) throw invalid('WAYBILL_LOG_LEVEL', `"${text}" is not one of ${logLevels.join(', ')}.`);
  return level;
}
