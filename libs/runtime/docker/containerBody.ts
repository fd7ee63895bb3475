import { commandWords } from '@waybill/kernel';
import { clearText } from './clearText.js';
import { unitLabels, type Labels } from './labels.js';
import { KEPT_UP } from './restartPolicy.js';
import { hostName } from './names.js';
import type { HealthCheck, OpenSecret, UnitRef, UnitSpec } from '../runtime.js';

/** The part of the engine's "create a container" that Waybill uses. */
export interface ContainerBody {
  readonly Image: string;
  readonly Hostname: string;
  readonly Cmd?: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Labels;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly StopTimeout: number;
  readonly Healthcheck?: {
    readonly Test: readonly string[];
    readonly Retries: number;
    readonly [time: string]: unknown;
  };
  readonly HostConfig: {
    readonly Init: true;
    readonly NetworkMode: string;
    readonly RestartPolicy: { readonly Name: typeof KEPT_UP | 'no' };
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;
    readonly Mounts: readonly object[];
    readonly Tmpfs: Readonly<Record<string, string>>;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly ExtraHosts?: readonly string[];
    readonly LogConfig: { readonly Type: 'json-file'; readonly Config: Readonly<Record<string, string>> };
  };
  readonly NetworkingConfig: {
    readonly EndpointsConfig: Readonly<
      Record<string, { readonly Aliases: readonly string[]; readonly IPAMConfig: { readonly IPv4Address: string } }>
    >;
  };
}

export interface ContainerPlace {
  readonly replica: number;
  /** How the engine calls the image. */
  readonly image: string;
  readonly insideNetwork: string;
  readonly address: string;
}

/** What the engine is asked to make: a container on the inside network, without the component's name. */
export function containerBody(
  ref: UnitRef,
  spec: UnitSpec,
  place: ContainerPlace,
  openSecret: OpenSecret,
): ContainerBody {
  return {
    Image: place.image,
    Hostname: hostName(spec.host, place.replica),
    ...(spec.command === undefined || spec.command.trim() === '' ? {} : { Cmd: commandWords(spec.command) }),
    Env: spec.env.map(({ name, value }) => `${name}=${clearText(value, openSecret)}`),
    Labels: unitLabels(ref, spec, place.replica, place.address),
    ExposedPorts: Object.fromEntries(ports(spec, place.replica).map((port) => [port.key, {}])),
    StopTimeout: spec.stopGrace,
    ...(spec.health === undefined ? {} : { Healthcheck: healthCheck(spec.health) }),
    HostConfig: {
      Init: true,
      NetworkMode: place.insideNetwork,
      RestartPolicy: { Name: spec.lifetime === 'keep-up' ? KEPT_UP : 'no' },
      PortBindings: portBindings(spec, place.replica),
      Mounts: spec.volumes.map((volume) => ({
        Type: 'volume',
        Source: volume.name,
        Target: volume.path,
        ReadOnly: volume.readOnly,
        // Templates fill empty directories themselves; the image's content must not seep into a volume.
        VolumeOptions: { NoCopy: true },
      })),
      Tmpfs: Object.fromEntries(
        spec.memoryVolumes.map(({ path, sizeMiB }) => [path, sizeMiB === undefined ? '' : `size=${sizeMiB}m`]),
      ),
      ...(spec.extraHosts === undefined
        ? {}
        : { ExtraHosts: spec.extraHosts.map(({ name, address }) => `${name}:${address}`) }),
      Memory: spec.memoryMiB * 1024 * 1024,
      NanoCpus: spec.cpuMilli * 1_000_000,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
    NetworkingConfig: {
      EndpointsConfig: { [place.insideNetwork]: { Aliases: [], IPAMConfig: { IPv4Address: place.address } } },
    },
  };
}

const NANOSECONDS = 1_000_000_000;

const healthCheck = (check: HealthCheck): NonNullable<ContainerBody['Healthcheck']> => ({
  Test: ['CMD', ...commandWords(check.command)],
  StartPeriod: check.initialDelay * NANOSECONDS,
  Interval: check.period * NANOSECONDS,
  Timeout: check.timeout * NANOSECONDS,
  Retries: check.failureThreshold,
});

/** Does this replica hold ports of the host? */
export const publishes = (spec: Pick<UnitSpec, 'publish'>, replica: number): boolean =>
  spec.publish.some((port) => (port.replica ?? 0) === replica);

interface PublishedPort {
  readonly key: string;
  readonly binding: { readonly HostIp: string; readonly HostPort: string };
}

const ports = (spec: UnitSpec, replica: number): readonly PublishedPort[] =>
  spec.publish
    .filter((port) => (port.replica ?? 0) === replica)
    .map((port) => ({
      key: `${port.containerPort}/${port.protocol}`,
      binding: { HostIp: port.hostAddress ?? '', HostPort: String(port.hostPort) },
    }));

// One container port may stand at several host ports.
function portBindings(spec: UnitSpec, replica: number): ContainerBody['HostConfig']['PortBindings'] {
  const byPort = new Map<string, readonly PublishedPort['binding'][]>();
  for (const { key, binding } of ports(spec, replica)) byPort.set(key, [...(byPort.get(key) ?? []), binding]);
  return Object.fromEntries(byPort);
}
