import type { Readable } from 'node:stream';
import type { ComponentKey, Digest, EngineId, InstanceId, RecordId, SecretPart, Text } from '@waybill/kernel';

/** What the engine says of itself. */
export interface Engine {
  readonly id: EngineId;
  readonly name: string;
  readonly version: string;
  readonly os: string;
  /** As Go names it: `amd64`, `arm64`, … */
  readonly architecture: string;
  readonly kind: 'docker' | 'swarm';
}

/** Gives the clear text of a secret. */
export type OpenSecret = (part: SecretPart) => string;

/** How it is judged whether a unit serves. */
export interface Gate {
  /** Absent: the image's own health check if it has one, else staying up for `settle` seconds. */
  readonly probe?: GateProbe;
  /** Seconds until the gate has failed. */
  readonly deadline: number;
  /** Seconds that a unit without probe or health check must stay up. */
  readonly settle: number;
}

export interface GateProbe {
  readonly check:
    | {
        readonly kind: 'http';
        readonly port: number;
        readonly path: string;
        readonly headers: readonly { readonly name: string; readonly value: string }[];
      }
    | { readonly kind: 'tcp'; readonly port: number }
    | { readonly kind: 'command'; readonly command: string };
  /** Seconds. */
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
}

/**
 * One component of one instance, as one record wants it to run: the unit that a rollout makes, proves, lets serve and retires.
 * `specDigest` is the digest of everything in it that decides whether two units would run alike.
 */
export interface UnitSpec {
  readonly instance: InstanceId;
  readonly component: ComponentKey;
  /** For people and labels. */
  readonly instanceName: string;
  readonly componentName: string;
  /** Its name on the instance's network, which it gets when it serves. */
  readonly host: string;
  /** Names that it gets and loses together with that one; without spaces. */
  readonly aliases?: readonly string[];
  readonly image: UnitImage;
  /** A shell-style command line that replaces the image's. */
  readonly command?: string;
  readonly env: readonly { readonly name: string; readonly value: Text }[];
  readonly files: readonly { readonly path: string; readonly mode: number; readonly content: Text }[];
  /** Named volumes; `name` is the engine's name of it. */
  readonly volumes: readonly { readonly name: string; readonly path: string; readonly readOnly: boolean }[];
  readonly memoryVolumes: readonly { readonly path: string; readonly sizeMiB?: number }[];
  /** Ports on the host. */
  readonly publish: readonly {
    readonly containerPort: number;
    readonly protocol: 'tcp' | 'udp';
    readonly hostPort: number;
    readonly hostAddress?: string;
    /** Which replica answers there, from 0; absent: the first. */
    readonly replica?: number;
  }[];
  /** Names that its containers know beside those of the networks. */
  readonly extraHosts?: readonly { readonly name: string; readonly address: string }[];
  /** What the engine asks inside each container for as long as it runs; absent: what the image says. */
  readonly health?: HealthCheck;
  readonly gate: Gate;
  /** 0 means unlimited. */
  readonly memoryMiB: number;
  readonly cpuMilli: number;
  readonly replicas: number;
  /** `keep-up`: restarted when it ends; `once`: exit 0 is success. */
  readonly lifetime: 'keep-up' | 'once';
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopGrace: number;
}

/** Times in seconds. */
export interface HealthCheck {
  readonly command: string;
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
}

export interface UnitImage {
  readonly config: Digest;
  readonly diffIds: readonly Digest[];
  readonly architecture: string;
  readonly os: string;
}

/** Names one generation of a component: what a record made. Names of engine objects follow from it. */
export interface UnitRef {
  readonly instance: InstanceId;
  readonly component: ComponentKey;
  readonly record: RecordId;
  readonly specDigest: Digest;
}

/** A network of an instance; two are made: one inside, and one towards the outside, on which ports are published. */
export interface InstanceNetwork {
  readonly instance: InstanceId;
  readonly instanceName: string;
  /** CIDR, reserved. */
  readonly insideSubnet: string;
  readonly outsideSubnet: string;
}

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'removing';
  readonly health: 'healthy' | 'unhealthy' | 'starting' | 'none';
  readonly exitCode?: number;
  readonly startedAt?: string;
  readonly restarts: number;
  /** Image id the container was made from. */
  readonly image: Digest;
}

/** One generation of a component as the engine has it. */
export interface ObservedUnit {
  readonly ref: UnitRef;
  readonly replicas: readonly ObservedContainer[];
  /** Has it the component's name on the network (and its ports)? */
  readonly serving: boolean;
}

export type GateOutcome =
  | { readonly kind: 'ready' }
  /** `log`: last lines of the container, not yet masked. */
  | { readonly kind: 'failed'; readonly reason: string; readonly log: string };

/** Where the layers of an image come from. */
export interface ImageSource {
  readConfig(config: Digest): Promise<Uint8Array>;
  /** The uncompressed bytes of a layer. */
  readLayer(diffId: Digest): Promise<Readable>;
  layerSize(diffId: Digest): Promise<number>;
}

/** Told while an image is sent: bytes that the engine has taken, and all that are sent to it. */
export type LoadProgress = (sent: number, toSend: number) => void;

export interface LoadOptions {
  readonly onProgress?: LoadProgress;
  /** Images that probably have layers in common with this one. Where they have nearly all, the engine's others are not looked through. */
  readonly alike?: readonly Digest[];
}

export interface ImageLoad {
  readonly image: Digest;
  readonly outcome: 'present' | 'loaded';
  /** Layers and bytes that were sent to the engine. */
  readonly sentLayers: number;
  readonly sentBytes: number;
}

/**
 * What runs components. Every call may be repeated: names follow from (instance, component, record, replica), making means making or adopting
 * what is there with the same spec digest; switching and removing address the containers named in the call only.
 * All throw WaybillError `engine-unreachable`, `engine-timeout`, `engine-refused` beside what is named.
 */
export interface Runtime {
  engine(): Promise<Engine>;
  /**
   * The same runtime, for someone who may lose the right to act at any moment: right before every single call to the engine the guard is asked,
   * and what it throws ends what was being done.
   */
  guarded(guard: () => void): Runtime;

  /** Which of these images the engine lacks. */
  missingImages(images: readonly Digest[]): Promise<readonly Digest[]>;
  /** Loads the image, sending only layers the engine lacks, and checks what it then holds. @throws `image-load-failed`, `image-not-as-verified`, `architecture-mismatch` */
  ensureImage(image: UnitImage, source: ImageSource, options?: LoadOptions): Promise<ImageLoad>;

  /**
   * Streams one archive, as `docker save` writes it, of those of the images that the engine has, and says beforehand which layers it will hold
   * (diff ids); with their ids on the engine, by name. Not used, and answered with `undefined`, when it has none of them.
   */
  saveImages<T>(
    names: readonly string[],
    use: (archive: Readable, layers: readonly Digest[]) => Promise<T>,
  ): Promise<{ readonly result: T; readonly ids: ReadonlyMap<string, Digest> } | undefined>;

  /** @throws `subnet-taken` (details: `subnet`, `purpose`), `object-not-ours`, `engine-refused` */
  ensureNetworks(network: InstanceNetwork): Promise<void>;
  ensureVolume(
    name: string,
    labels: { readonly instance: InstanceId; readonly component: ComponentKey; readonly volume: string },
  ): Promise<void>;

  /** Are the host ports free of containers and processes, as far as the engine can tell? Names for each who has it. */
  portHolders(
    ports: readonly { readonly hostPort: number; readonly protocol: 'tcp' | 'udp' }[],
  ): Promise<readonly (string | undefined)[]>;

  /** Makes the containers of a unit and starts them: without the component's name, without its ports. */
  stageUnit(ref: UnitRef, spec: UnitSpec, openSecret: OpenSecret): Promise<ObservedUnit>;
  /** Waits until the unit serves or has failed. */
  gateUnit(
    ref: UnitRef,
    spec: UnitSpec,
    options: { readonly signal: AbortSignal; readonly onProgress?: (text: string) => void },
  ): Promise<GateOutcome>;
  /** Gives the unit the component's name and ports, taking them from `replacing` with as short a gap as can be. @throws `port-taken` */
  switchTraffic(to: UnitRef, spec: UnitSpec, replacing: readonly UnitRef[]): Promise<void>;
  /** Stops the containers but keeps them, ready to serve again. They lose name and ports. */
  haltUnit(ref: UnitRef, spec?: Pick<UnitSpec, 'stopGrace'>): Promise<void>;
  /** Starts the containers of a halted unit again, without name and ports. Answers false when they are gone. */
  resumeUnit(ref: UnitRef): Promise<boolean>;
  /** Stops and removes the containers of a unit. */
  retireUnit(ref: UnitRef): Promise<void>;

  observe(instance: InstanceId): Promise<readonly ObservedUnit[]>;
  /** Last lines of what the unit's containers wrote. */
  logs(ref: UnitRef, lines: number): Promise<string>;

  /** IPv4 subnets (CIDR) that networks of the engine have, but for those of the instance. */
  foreignSubnets(instance: InstanceId): Promise<readonly string[]>;
  /** Removes the instance's networks. Containers must be gone. */
  removeNetworks(instance: InstanceId): Promise<void>;
  /** Names of the instance's volumes on the engine. */
  listVolumes(instance: InstanceId): Promise<readonly string[]>;
  removeVolume(name: string): Promise<void>;
}
