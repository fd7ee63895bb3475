import type { ComponentKey, Digest, TemplateKey } from '@waybill/kernel';

/**
 * What a version is, whatever file it came in: the canonical document whose digest identifies the version.
 * Holds no registry addresses, credentials, times, file names, compressed digests, and no order where order means nothing
 * (such lists are sorted by their key). Absent optional members are left out.
 */
export interface Manifest {
  readonly schema: 1;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly version: string;
  /** Sorted by key. */
  readonly components: readonly ManifestComponent[];
  /** Settings shared by several components. Sorted by name. */
  readonly configGroups: readonly ConfigGroup[];
  /** HTTP routes from outside. Sorted by component, port, path. */
  readonly routes: readonly HttpRoute[];
  /** Parts that are carried but not applied: kept byte for byte as documents, written back on export. Sorted by kind, name. */
  readonly carried: readonly CarriedPart[];
}

export interface ManifestComponent {
  readonly key: ComponentKey;
  /** Other names by which older packages refer to it (the reference system's `service_share_uuid`). Sorted. */
  readonly aliases: readonly string[];
  /** For people; may be in any script. */
  readonly name: string;
  /** The name the author gave it on the network, where one was given. */
  readonly hostHint?: string;
  readonly workload: Workload;
  /** Absent for third-party components, which run elsewhere. */
  readonly image?: ManifestImage;
  /** Where a third-party component answers, as the source says it. */
  readonly endpoints?: string;
  /** A command line that replaces the image's, as the source wrote it. */
  readonly command?: string;
  /** Sorted by name. */
  readonly env: readonly EnvVariable[];
  /** Sorted by container port. */
  readonly ports: readonly ComponentPort[];
  /** Sorted by path. */
  readonly volumes: readonly Volume[];
  /** Sorted by path. */
  readonly files: readonly ConfigFile[];
  /** Volumes of other components seen here. Sorted by path. */
  readonly mounts: readonly SharedMount[];
  /** Keys of the components it uses. Sorted. A key that is not in the manifest is a dangling dependency. */
  readonly dependencies: readonly string[];
  readonly probes: readonly Probe[];
  readonly resources: Resources;
  readonly replicas: { readonly initial: number; readonly min: number; readonly max: number };
}

/** `service`: keeps running, new beside old; `stateful`: keeps running, one at a time on its data; `job`: runs once; `cron`: runs at times; `external`: runs elsewhere. */
export type Workload =
  | { readonly kind: 'service' | 'stateful' | 'job' | 'external' }
  | { readonly kind: 'cron'; readonly schedule?: string }
  /** A kind that cannot run here (`daemonset`, `vm`, …); kept and listed. */
  | { readonly kind: 'unsupported'; readonly source: string };

export interface ManifestImage {
  /** Digest of the image's configuration: the image id. */
  readonly config: Digest;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
  readonly os: string;
  /** As Go names it: `amd64`, `arm64`, … */
  readonly architecture: string;
}

export interface EnvVariable {
  readonly name: string;
  /** May hold `${NAME}`, `${NAME:default}`; see `secret` for generated ones. */
  readonly value: string;
  /** `own`: for this component; `offered`: also for every component that depends on it. */
  readonly scope: 'own' | 'offered';
  /** For people. */
  readonly label?: string;
  /** May a site change it? */
  readonly editable: boolean;
  /** Computed anew from this container port at every install and upgrade (`…_HOST`, `…_PORT`); `value` is what the source said. */
  readonly port?: number;
  /** Generated once per instance; all variables of one `group` of a template hold the same secret. `value` is empty. */
  readonly secret?: { readonly group?: string };
}

export interface ComponentPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'http';
  /** Prefix of the generated variables, upper case. */
  readonly alias: string;
  /** Reachable from outside the instance. */
  readonly published: boolean;
  readonly hostHint?: string;
}

export interface Volume {
  readonly name: string;
  readonly path: string;
  readonly kind: 'persistent' | 'memory';
  /** As the source says: `share-file`, a storage class, … */
  readonly sourceType: string;
  /** GiB; absent: not limited. */
  readonly capacity?: number;
  readonly accessMode?: string;
}

export interface ConfigFile {
  readonly name: string;
  readonly path: string;
  readonly content: string;
  /** Unix mode bits, e.g. 420 (0644). */
  readonly mode: number;
}

export interface SharedMount {
  readonly path: string;
  /** Key of the owner. */
  readonly component: string;
  readonly volume: string;
}

export interface Probe {
  readonly purpose: 'readiness' | 'liveness';
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
  readonly failureThreshold: number;
  readonly successThreshold: number;
}

/** 0 means unlimited. */
export interface Resources {
  readonly memoryMiB: number;
  readonly cpuMilli: number;
}

export interface ConfigGroup {
  readonly name: string;
  /** Sorted by name. */
  readonly items: readonly { readonly name: string; readonly value: string }[];
  /** Keys of the components it is for. Sorted. */
  readonly components: readonly string[];
}

export interface HttpRoute {
  readonly component: string;
  readonly port: number;
  readonly path: string;
  /** Everything else the source says about the route, canonical JSON by digest of a carried document. */
  readonly settings: Digest;
}

export interface CarriedPart {
  /** `plugin`, `k8s-resource`, `monitor`, `unknown-field`, … */
  readonly kind: string;
  readonly name: string;
  readonly component?: string;
  /** Document that holds it as the source wrote it. */
  readonly content: Digest;
}
