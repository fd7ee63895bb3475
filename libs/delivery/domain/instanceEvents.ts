import type {
  CanonicalValue,
  ComponentKey,
  Digest,
  EngineId,
  InstanceId,
  RecordId,
  SealedValue,
  TemplateKey,
} from '@waybill/kernel';
import type { DomainEvent } from '@waybill/event-store';
import type { PlanKind, PlannedPort, VersionRef } from './plan.js';

/** A container as it was made, so that later acts address it and nothing else. */
export type MadeContainer = { readonly id: string; readonly name: string };

/** What serves of a component when a rollout has ended. */
export type ComponentTruth = {
  readonly component: ComponentKey;
  readonly serving: 'new' | 'old' | 'none' | 'unknown';
};

export type InstanceCreated = DomainEvent<
  'instance-created',
  {
    readonly instance: InstanceId;
    readonly name: string;
    readonly template: { readonly key: TemplateKey; readonly name: string };
    readonly engine: EngineId;
  }
>;
/** `value` in the shape of the item's kind; `null` gives it back to the template. Of a published port `true` asks for any, `false` for none. */
export type SettingChanged = DomainEvent<
  'setting-changed',
  { readonly component: ComponentKey; readonly path: string; readonly value: CanonicalValue }
>;
/** What waited for a plan waits no longer; what is in effect stays in effect. */
export type SettingWithdrawn = DomainEvent<
  'setting-withdrawn',
  { readonly component: ComponentKey; readonly path: string }
>;
/** A secret, generated or set: sealed for the servers of this store. */
export type SecretStored = DomainEvent<
  'secret-stored',
  {
    readonly name: string;
    readonly version: number;
    readonly fingerprint: string;
    readonly sealed: SealedValue & { readonly [key: string]: string };
    readonly source: 'generated' | 'set';
  }
>;
export type PlanProposed = DomainEvent<
  'plan-proposed',
  {
    readonly record: RecordId;
    readonly kind: PlanKind;
    readonly plan: Digest;
    readonly from: VersionRef | null;
    readonly to: VersionRef | null;
    readonly desired: Digest | null;
    readonly undoes?: RecordId;
    readonly reason?: string;
    readonly ports: readonly PlannedPort[];
  }
>;
export type RolloutStarted = DomainEvent<'rollout-started', { readonly record: RecordId }>;
export type ComponentApplyIntended = DomainEvent<
  'component-apply-intended',
  {
    readonly record: RecordId;
    readonly component: ComponentKey;
    readonly action: 'create' | 'replace';
    readonly specDigest: Digest;
  }
>;
export type ComponentApplied = DomainEvent<
  'component-applied',
  {
    readonly record: RecordId;
    readonly component: ComponentKey;
    readonly specDigest: Digest;
    readonly image: Digest;
    readonly containers: readonly MadeContainer[];
  }
>;
/** `log`: the last lines the component wrote, masked. */
export type ComponentFailed = DomainEvent<
  'component-failed',
  { readonly record: RecordId; readonly component: ComponentKey; readonly reason: string; readonly log: string }
>;
export type ComponentRemoved = DomainEvent<
  'component-removed',
  { readonly record: RecordId; readonly component: ComponentKey }
>;
export type RolloutCompleted = DomainEvent<
  'rollout-completed',
  { readonly record: RecordId; readonly components: readonly ComponentTruth[] }
>;
/** Everything the rollout did was taken back: what served before serves again. */
export type RolloutReverted = DomainEvent<
  'rollout-reverted',
  { readonly record: RecordId; readonly reason: string; readonly components: readonly ComponentTruth[] }
>;
/** The rollout ended, and not everything is as it was; the truth is told component by component. */
export type RolloutFailed = DomainEvent<
  'rollout-failed',
  { readonly record: RecordId; readonly reason: string; readonly components: readonly ComponentTruth[] }
>;
export type InstanceRemoved = DomainEvent<
  'instance-removed',
  { readonly record: RecordId; readonly volumes: 'kept' | 'removed' }
>;
/** `epoch`: of the claim that its runner is about to take; whoever carries the operation out under a lower one has lost it. */
export type TakenOver = DomainEvent<
  'taken-over',
  { readonly operation: string; readonly runner: string; readonly epoch: number }
>;

export type InstanceEvent =
  | InstanceCreated
  | SettingChanged
  | SettingWithdrawn
  | SecretStored
  | PlanProposed
  | RolloutStarted
  | ComponentApplyIntended
  | ComponentApplied
  | ComponentFailed
  | ComponentRemoved
  | RolloutCompleted
  | RolloutReverted
  | RolloutFailed
  | InstanceRemoved
  | TakenOver;

export const instanceStream = (instance: InstanceId): string => `instance-${instance}`;
