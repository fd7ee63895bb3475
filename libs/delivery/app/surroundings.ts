import { createHash } from 'node:crypto';
import { WaybillError, type Digest, type EventId, type InstanceId } from '@waybill/kernel';
import type { Engine, Runtime } from '@waybill/runtime';
import type { Desired, ImageValue } from '../domain/desired.js';
import type { PendingSetting, Surroundings } from '../domain/draft.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { PlannedPort, PlanWarning } from '../domain/plan.js';
import { secretSetBy } from '../domain/secretsOf.js';
import { portHolder, type EngineState } from '../domain/reservations.js';
import type { DeliveryDependencies } from './dependencies.js';
import { generated, nextVersion } from './secrets.js';
import { instanceEvents, loadEngine, loadInstance } from './streams.js';

/** Where ports are taken from when the site names none. */
const PORT_RANGE = { first: 20_000, last: 29_999 };
/** An image that a rollout will start, and for what. */
export interface NeededImage {
  readonly component: string;
  readonly image: ImageValue;
}

export interface Gathered {
  /** @param portsNeeded most host ports that the plan may have to assign */
  readonly surroundings: (portsNeeded: number, contents: ReadonlyMap<Digest, string>) => Promise<Surroundings>;
  readonly settings: readonly PendingSetting[];
  readonly engine: Engine;
  /** @throws WaybillError `port-taken` */
  readonly refuseTakenPorts: (ports: readonly PlannedPort[], names: ReadonlyMap<string, string>) => Promise<void>;
}

/** Looks at the engine and the reservations, so that the planning itself can be pure. */
export async function gatherSurroundings(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  ours: Desired | undefined,
): Promise<Gathered> {
  const { runtime } = deps;
  const [engine, reservations, settings] = await Promise.all([
    runtime.engine(),
    loadEngine(deps, state.engine),
    pendingSettings(deps, state),
  ]);
  if (engine.id !== state.engine)
    throw new WaybillError('engine-changed', { expected: state.engine, actual: engine.id });
  return {
    engine,
    settings,
    surroundings: async (portsNeeded, contents) => ({
      freePort: handOut(await freePorts(runtime, reservations, state.id, portsNeeded)),
      secretVersion: (name) => secretVersion(deps, state, ours, name),
      content: (document) => contents.get(document),
      volumeName: (host, volume, path) => volumeName(state, host, volume, path),
    }),
    refuseTakenPorts: (ports, names) => refuseTakenPorts(deps, reservations, state.id, ports, names),
  };
}

/** One that is set counts from the plan on that lets its setting take effect. */
function secretVersion(
  deps: Pick<DeliveryDependencies, 'secretKey'>,
  state: ExistingInstance,
  ours: Desired | undefined,
  name: string,
): ReturnType<Surroundings['secretVersion']> {
  const versions = state.secrets[name] ?? [];
  const waits = Object.values(state.settings).some((setting) => secretSetBy(setting, ours) === name);
  const inUse = waits ? undefined : ours?.secrets[name];
  const found = inUse ?? versions.findLast(({ used }) => used || waits);
  return found === undefined
    ? { ...generated(deps.secretKey, state.id, name, nextVersion(state, name)), stored: false }
    : { version: found.version, fingerprint: found.fingerprint, stored: true };
}

/** A readable name that no other volume has: the path tells two volumes of one name apart. */
function volumeName(state: ExistingInstance, host: string, volume: string, path: string): string {
  const short = createHash('sha256').update(`${state.id}/${host}/${volume}/${path}`).digest('hex').slice(0, 8);
  const readable = volume.replaceAll(/[^a-zA-Z0-9_.-]/g, '').slice(0, 40);
  return ['wb', state.name, host, readable, short].filter((part) => part !== '').join('-');
}

function handOut(free: readonly number[]): Surroundings['freePort'] {
  const left = free.values();
  return (component, containerPort) => {
    const next = left.next();
    if (next.done === true)
      throw new WaybillError('port-taken', {
        port: `${PORT_RANGE.first} to ${PORT_RANGE.last}`,
        holder: 'others',
        component,
        containerPort,
      });
    return next.value;
  };
}

/**
 * Free ports of the range, from a place in it that follows from the instance: plans for several instances that are made at the same time seldom
 * want the same port, and a plan that is made again wants the same.
 */
async function freePorts(
  runtime: Runtime,
  reservations: EngineState,
  instance: InstanceId,
  count: number,
): Promise<readonly number[]> {
  const size = PORT_RANGE.last - PORT_RANGE.first + 1;
  const start = createHash('sha256').update(instance).digest().readUInt32BE(0) % size;
  const free: number[] = [];
  for (let step = 0; step < size && free.length < count;) {
    // As many at once as are wanted: each question is a call of the engine.
    const asked: number[] = [];
    for (; step < size && asked.length < count - free.length; step++) {
      const port = PORT_RANGE.first + ((start + step) % size);
      const reserved = portHolder(reservations, port, 'tcp') ?? portHolder(reservations, port, 'udp');
      if (reserved === undefined) asked.push(port);
    }
    const holders = await runtime.portHolders(asked.map((hostPort) => ({ hostPort, protocol: 'tcp' })));
    free.push(...asked.filter((_, i) => holders[i] === undefined));
  }
  return free;
}

/** The port of one replica on the host. */
export type AskedPort = PlannedPort & { readonly replica?: number };

/**
 * @param names what people call components, by key
 * @param own what the instance has besides
 * @throws WaybillError `port-taken`
 */
export async function refuseTakenPorts(
  deps: Pick<DeliveryDependencies, 'runtime' | 'store'>,
  reservations: EngineState,
  instance: InstanceId,
  ports: readonly AskedPort[],
  names: ReadonlyMap<string, string> = new Map(),
  own: readonly AskedPort[] = [],
): Promise<void> {
  const keyOf = ({ protocol, hostPort }: AskedPort): string => `${protocol}/${hostPort}`;
  const placeOf = ({ component, containerPort, replica }: AskedPort) => ({
    component: names.get(component) ?? component,
    containerPort: replica === undefined ? containerPort : `${containerPort}/${replica}`,
  });
  const seen = new Map(own.map((port) => [keyOf(port), port]));
  const isFree = (port: AskedPort) => portHolder(reservations, port.hostPort, port.protocol) === undefined;
  const asked = ports.filter(isFree);
  const found = await deps.runtime.portHolders(asked);
  const holders = new Map(asked.map((port, i) => [port, found[i]]));
  for (const port of ports) {
    const other = seen.get(keyOf(port));
    seen.set(keyOf(port), port);
    const reserved = portHolder(reservations, port.hostPort, port.protocol);
    if (reserved === instance && other === undefined) continue;
    const holder =
      other !== undefined
        ? ownHolder(placeOf(other))
        : reserved !== undefined
          ? `the instance "${(await loadInstance(deps, reserved)).state.name}"`
          : holders.get(port);
    if (holder !== undefined) throw new WaybillError('port-taken', { port: port.hostPort, holder, ...placeOf(port) });
  }
}

const ownHolder = ({ component, containerPort }: { component: string; containerPort: number | string }): string =>
  `${component}/publish/${containerPort} of this instance`;

async function pendingSettings(
  deps: Pick<DeliveryDependencies, 'store'>,
  state: ExistingInstance,
): Promise<readonly PendingSetting[]> {
  const waiting = Object.values(state.settings);
  if (waiting.length === 0) return [];
  const ids = new Map<number, EventId>();
  for await (const { id, revision } of instanceEvents(deps, state.id)) ids.set(Number(revision), id);
  return waiting.flatMap(({ component, path, value, revision }) => {
    const event = ids.get(revision);
    return event === undefined ? [] : [{ component, path, value, revision, event }];
  });
}

/** @throws WaybillError `architecture-mismatch`, before anything is touched */
export function refuseWrongArchitecture(images: readonly NeededImage[], engine: Engine): void {
  for (const { component, image } of images) {
    if (image.architecture === engine.architecture && image.os === engine.os) continue;
    throw new WaybillError('architecture-mismatch', {
      component,
      image: `${image.os}/${image.architecture}`,
      engine: `${engine.os}/${engine.architecture}`,
    });
  }
}

/** What a rollout would miss. */
export async function missingContent(
  deps: DeliveryDependencies,
  images: readonly NeededImage[],
): Promise<
  readonly { readonly component: string; readonly digests: readonly Digest[]; readonly packages: readonly string[] }[]
> {
  const { runtime } = deps;
  const lacking = new Set(await runtime.missingImages(images.map(({ image }) => image.config)));
  const missing = new Map<Digest, readonly Digest[]>();
  const result = [];
  for (const { component, image } of images) {
    const digests = missing.get(image.config) ?? (lacking.has(image.config) ? await deps.content.missing(image) : []);
    missing.set(image.config, digests);
    if (digests.length > 0) result.push({ component, digests, packages: await deps.content.carriers(image) });
  }
  return result;
}

export async function contentWarnings(
  deps: DeliveryDependencies,
  images: readonly NeededImage[],
): Promise<readonly PlanWarning[]> {
  return (await missingContent(deps, images)).map(({ component, digests, packages }) => ({
    code: 'content-missing',
    subject: component,
    message: `${digests.length} layers or configurations of its image are missing here, so this plan cannot run; import ${packages.length === 0 ? 'the package that carries it' : packages.join(' or ')} again.`,
  }));
}
