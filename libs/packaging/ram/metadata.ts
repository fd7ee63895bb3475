import type { UnreadField } from './fields.js';
import type { JsonObject, JsonValue } from './json.js';

/** `metadata.json` of the reference system's application model, every field that Waybill uses read by its type; names are the model's, lists as they stood. */
export interface RamMetadata {
  readonly groupKey: string;
  readonly groupName: string;
  readonly groupVersion: string;
  readonly templateVersion: string;
  readonly governanceMode: string;
  /** Architectures joined by `&`, where the console wrote them. */
  readonly arch: string;
  readonly components: readonly RamComponent[];
  readonly configGroups: readonly RamConfigGroup[];
  readonly routes: readonly RamRoute[];
  readonly plugins: readonly RamPlugin[];
  /** Parts that are known but not applied. */
  readonly parts: readonly RamPart[];
  readonly unread: readonly UnreadField[];
}

export interface RamComponent {
  /** JSON pointer, for messages. */
  readonly at: string;
  readonly serviceId: string;
  readonly serviceKey: string;
  readonly shareUuid: string;
  readonly cname: string;
  readonly k8sName: string;
  /** `share_image`, else `image`. */
  readonly image: string;
  readonly command: string;
  readonly arch: string;
  readonly extendMethod: string;
  readonly serviceType: string;
  readonly serviceSource: string;
  readonly shareType: string;
  readonly memory: number | undefined;
  readonly cpu: number | undefined;
  readonly scale: RamScale;
  readonly job: RamJob;
  readonly ports: readonly RamPort[];
  readonly env: readonly RamEnv[];
  readonly volumes: readonly RamVolume[];
  readonly mounts: readonly RamMount[];
  readonly dependencies: readonly string[];
  readonly probes: readonly RamProbe[];
  readonly endpoints: { readonly info: string; readonly type: string };
  readonly parts: readonly RamPart[];
  readonly unread: readonly UnreadField[];
}

export interface RamScale {
  readonly minNode: number | undefined;
  readonly maxNode: number | undefined;
  readonly initMemory: number | undefined;
  readonly minMemory: number | undefined;
  readonly containerCpu: number | undefined;
}

/** `job_strategy`; `others` are its members beside the schedule that say something. */
export interface RamJob {
  readonly schedule: string;
  readonly others: readonly UnreadField[];
}

export interface RamPort {
  readonly port: number;
  readonly protocol: string;
  readonly alias: string;
  readonly outer: boolean;
  readonly k8sServiceName: string;
  readonly source: JsonValue;
}

export interface RamEnv {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly editable: boolean;
  /** 0: ordinary. */
  readonly port: number;
  readonly scope: 'own' | 'offered';
  readonly source: JsonValue;
}

export interface RamVolume {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly content: string;
  readonly capacity: number | undefined;
  readonly accessMode: string;
  readonly mode: number | undefined;
  readonly source: JsonValue;
}

export interface RamMount {
  readonly owner: string;
  readonly volume: string;
  readonly path: string;
  readonly source: JsonValue;
}

export interface RamProbe {
  readonly mode: string;
  readonly scheme: string;
  readonly used: boolean;
  readonly port: number;
  readonly path: string;
  readonly command: string;
  /** `name=value`, joined by commas. */
  readonly headers: string;
  readonly initialDelay: number | undefined;
  readonly period: number | undefined;
  readonly timeout: number | undefined;
  readonly failureThreshold: number | undefined;
  readonly successThreshold: number | undefined;
  readonly source: JsonValue;
}

export interface RamConfigGroup {
  readonly name: string;
  readonly injection: string;
  readonly items: readonly { readonly name: string; readonly value: string }[];
  readonly componentKeys: readonly string[];
  readonly source: JsonValue;
}

export interface RamRoute {
  readonly component: string;
  readonly port: number;
  readonly path: string;
  /** The route without these three. */
  readonly settings: JsonObject;
  readonly source: JsonValue;
}

export interface RamPlugin {
  readonly name: string;
  readonly image: string;
  /** Without registry addresses, credentials and times. */
  readonly content: JsonObject;
}

/** A part that is carried along: what kind, called what, as it stood. */
export interface RamPart {
  readonly kind: string;
  readonly name: string;
  readonly content: JsonValue;
}
