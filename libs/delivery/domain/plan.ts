import type {
  CanonicalValue,
  ComponentKey,
  Digest,
  EngineId,
  InstanceId,
  RecordId,
  TemplateKey,
} from '@waybill/kernel';
import type { ManifestImage } from '@waybill/packaging';
import type { Origin, SecretVersion } from './desired.js';

export type PlanKind = 'install' | 'upgrade' | 'rollback' | 'reconfigure' | 'remove';

/**
 * What will be done and what will be left alone, with reasons: a document, named by the digest of its canonical form.
 * It holds for one state of one instance on one engine, and runs at most once.
 */
export interface Plan {
  readonly schema: 1;
  readonly kind: PlanKind;
  readonly instance: { readonly id: InstanceId; readonly name: string };
  readonly engine: EngineId;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly from: VersionRef | null;
  readonly to: VersionRef | null;
  readonly basis: PlanBasis;
  /** The record that a rollback undoes. */
  readonly undoes?: RecordId;
  readonly items: readonly PlanItem[];
  readonly steps: readonly PlanStep[];
  /** Host ports that the instance will hold beyond those it has. */
  readonly ports: readonly PlannedPort[];
  /** Secrets that will be generated. */
  readonly secrets: readonly (SecretVersion & { readonly name: string })[];
  readonly images: readonly ManifestImage[];
  /** Document of the desired state after it; null after a removal. */
  readonly desired: Digest | null;
  readonly removeVolumes: boolean;
  readonly warnings: readonly PlanWarning[];
  /** The server's MAC over all the rest: a text that somebody had stored as a document is no plan, whatever it says. Needed to be submitted, not to be read. */
  readonly seal?: string;
}

export interface VersionRef {
  readonly version: string;
  readonly manifest: Digest;
}

/** What the plan was made for: a change in either makes it stale. */
export interface PlanBasis {
  /** The last closed record. */
  readonly record: RecordId | null;
  /** Digest of the desired state and the settings that wait. */
  readonly state: Digest;
}

/** One thing that differs between what is and what the target says. */
export interface PlanItem {
  /** `<component key>/<path>`; for shared values `shared/<path>`; a whole component: `<component key>/component`. */
  readonly id: string;
  readonly component?: { readonly key: ComponentKey; readonly name: string };
  readonly path: string;
  readonly verdict: 'change' | 'keep' | 'conflict';
  readonly action: 'add' | 'update' | 'remove';
  /** What the site runs now; absent: nothing. */
  readonly before?: CanonicalValue;
  /** What will run after the plan; absent: nothing. */
  readonly after?: CanonicalValue;
  /** What the target says, where the plan keeps something else. */
  readonly target?: CanonicalValue;
  /** Who set the present value. */
  readonly setBy?: Origin;
  readonly rule: PlanRule;
  /** The rule in words, for people. */
  readonly reason: string;
  /** May a person have the target's value instead (`--accept`)? */
  readonly acceptable: boolean;
}

export type PlanRule =
  | 'new-in-target'
  | 'follows-template'
  | 'stays-as-site-has-it'
  | 'both-changed'
  | 'never-removed'
  | 'ports-open-never-close'
  | 'accepted'
  | 'setting-applied'
  | 'assigned-here'
  | 'undone'
  | 'set-since'
  | 'data-stays'
  | 'added-stays'
  | 'removed-stays-removed'
  | 'removal';

/** What happens to one component. */
export interface PlanStep {
  readonly component: ComponentKey;
  readonly name: string;
  readonly action: 'create' | 'replace' | 'keep' | 'retire';
  /** `overlap`: the new one is proven before the old one ends; `stop-first`: the old one is stopped first, for its data's sake. */
  readonly strategy: 'overlap' | 'stop-first';
  /** Document of the unit's spec, and its digest for comparing; absent when retired or nothing runs here. */
  readonly spec?: { readonly document: Digest; readonly digest: Digest };
  /** Components that must be ready before it. */
  readonly after: readonly ComponentKey[];
}

export interface PlannedPort {
  readonly component: ComponentKey;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface PlanWarning {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}
