import {
  digestOf,
  WaybillError,
  type CanonicalValue,
  type ComponentKey,
  type Digest,
  type EngineId,
  type InstanceId,
  type RecordId,
  type TemplateKey,
} from '@waybill/kernel';
import type { Decider } from '@waybill/event-store';
import type { InstanceEvent, PlanProposed, SecretStored } from './instanceEvents.js';
import {
  absent,
  evolveInstance,
  isOpen,
  lastClosed,
  openRecord,
  recordOf,
  rolloutOperation,
  type ExistingInstance,
  type InstanceState,
  type RecordState,
} from './instanceState.js';
import type { Plan } from './plan.js';

export interface CreateInstance {
  readonly type: 'create-instance';
  readonly instance: InstanceId;
  readonly name: string;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly engine: EngineId;
}
export interface ChangeSettings {
  readonly type: 'change-settings';
  readonly changes: readonly {
    readonly component: ComponentKey;
    readonly path: string;
    readonly value: CanonicalValue;
  }[];
  /** What waits no longer. */
  readonly withdrawn: readonly { readonly component: ComponentKey; readonly path: string }[];
  readonly secrets: readonly SecretStored['data'][];
}
export interface ProposePlan {
  readonly type: 'propose-plan';
  readonly record: RecordId;
  readonly plan: Plan;
  readonly digest: Digest;
  readonly reason?: string;
  readonly secrets: readonly SecretStored['data'][];
}
/** What a runner saw while it carried a record out, under which epoch of its claim. */
export interface ReportProgress {
  readonly type: 'report-progress';
  readonly epoch: number;
  readonly event: ProgressEvent;
}
export type ProgressEvent = Extract<
  InstanceEvent,
  {
    type:
      | 'rollout-started'
      | 'component-apply-intended'
      | 'component-applied'
      | 'component-failed'
      | 'component-removed'
      | 'rollout-completed'
      | 'rollout-reverted'
      | 'rollout-failed'
      | 'instance-removed';
  }
>;
export interface TakeOver {
  readonly type: 'take-over';
  readonly operation: string;
  readonly runner: string;
  readonly epoch: number;
}

export type InstanceCommand = CreateInstance | ChangeSettings | ProposePlan | ReportProgress | TakeOver;

export const instanceDecider: Decider<InstanceState, InstanceCommand, InstanceEvent> = {
  initialState: () => absent,
  evolve: evolveInstance,
  decide(command, state) {
    switch (command.type) {
      case 'create-instance':
        return create(command, state);
      case 'change-settings':
        return changeSettings(command, existing(state));
      case 'propose-plan':
        return propose(command, existing(state));
      case 'report-progress':
        return report(command, existing(state));
      case 'take-over':
        return takeOver(command, existing(state));
    }
  },
};

/** Names what a plan is made for: the desired state and the settings that wait. */
export const stateDigest = (state: Pick<ExistingInstance, 'desired' | 'settings' | 'status'>): Digest =>
  digestOf({
    desired: state.desired,
    status: state.status,
    settings: Object.fromEntries(Object.entries(state.settings).map(([id, setting]) => [id, setting.revision])),
  });

function existing(state: InstanceState): ExistingInstance {
  if (state.status === 'absent') throw new WaybillError('instance-not-found', { instance: '?' });
  return state;
}

function create({ instance, name, template, engine }: CreateInstance, state: InstanceState): readonly InstanceEvent[] {
  if (state.status !== 'absent') return [];
  return [{ type: 'instance-created', data: { instance, name, template, engine } }];
}

function changeSettings(
  { changes, withdrawn, secrets }: ChangeSettings,
  state: ExistingInstance,
): readonly InstanceEvent[] {
  refuseRemoved(state);
  refuseOpen(state);
  for (const { name, version } of secrets)
    if (state.secrets[name]?.some((one) => one.version >= version) === true)
      throw new WaybillError('conflict', { what: `the secret ${name}`, attempts: 1 });
  const waiting = withdrawn.filter(({ component, path }) => state.settings[`${component}/${path}`] !== undefined);
  return [
    ...waiting.map((data) => ({ type: 'setting-withdrawn', data }) as const),
    ...secrets.map((data) => ({ type: 'secret-stored', data }) as const),
    ...changes.map((data) => ({ type: 'setting-changed', data }) as const),
  ];
}

function propose(
  { record, plan, digest, reason, secrets }: ProposePlan,
  state: ExistingInstance,
): readonly InstanceEvent[] {
  refuseRemoved(state);
  const used = state.records.find((one) => one.plan === digest);
  if (used !== undefined) throw new WaybillError('plan-used', { plan: digest, record: used.id });
  refuseOpen(state);
  if (plan.instance.id !== state.id)
    throw new WaybillError('plan-stale', { plan: digest, reason: 'it is for another instance' });
  if (plan.engine !== state.engine)
    throw new WaybillError('engine-changed', { expected: state.engine, actual: plan.engine });
  if (plan.basis.record !== (lastClosed(state)?.id ?? null))
    throw new WaybillError('plan-stale', { plan: digest, reason: 'another record has been closed since' });
  if (plan.basis.state !== stateDigest(state))
    throw new WaybillError('plan-stale', { plan: digest, reason: 'the desired state or a setting has changed since' });
  const data: PlanProposed['data'] = {
    record,
    kind: plan.kind,
    plan: digest,
    from: plan.from,
    to: plan.to,
    desired: plan.desired,
    ...(plan.undoes === undefined ? {} : { undoes: plan.undoes }),
    ...(reason === undefined ? {} : { reason }),
    ports: plan.ports,
  };
  return [
    ...secrets.map((secret) => ({ type: 'secret-stored', data: secret }) as const),
    { type: 'plan-proposed', data },
  ];
}

/** The epoch tells of two runners that each believe to hold the claim which one is right. There is nothing to take over of what has ended. */
function takeOver({ operation, runner, epoch }: TakeOver, state: ExistingInstance): readonly InstanceEvent[] {
  const record = state.records.find(({ id }) => rolloutOperation(id) === operation);
  if (record === undefined || !isOpen(record)) return [];
  if (record.epoch > epoch) throw new WaybillError('claim-lost', { operation });
  return [{ type: 'taken-over', data: { operation, runner, epoch } }];
}

/** A runner may tell the same thing twice, after a crash; it is written once. Nothing is written about a record that has ended. */
function report({ event, epoch }: ReportProgress, state: ExistingInstance): readonly InstanceEvent[] {
  const record = recordOf(state, event.data.record);
  if (record === undefined) throw new WaybillError('record-not-found', { record: event.data.record });
  if (record.epoch > epoch) throw new WaybillError('claim-lost', { operation: rolloutOperation(record.id) });
  if (event.type === 'instance-removed') return state.status === 'removed' ? [] : [event];
  if (!isOpen(record)) return [];
  return knownAlready(event, record) ? [] : [event];
}

function knownAlready(event: ProgressEvent, record: RecordState): boolean {
  switch (event.type) {
    case 'rollout-started':
      return record.status !== 'proposed';
    case 'component-apply-intended':
      return record.components[event.data.component] !== undefined;
    case 'component-applied':
      return record.components[event.data.component]?.status === 'applied';
    case 'component-failed':
      return record.components[event.data.component]?.status === 'failed';
    case 'component-removed':
      return record.components[event.data.component]?.status === 'removed';
    case 'rollout-completed':
    case 'rollout-reverted':
    case 'rollout-failed':
    case 'instance-removed':
      return false;
  }
}

function refuseRemoved(state: ExistingInstance): void {
  if (state.status === 'removed') throw new WaybillError('instance-removed', { instance: state.name });
}

function refuseOpen(state: ExistingInstance): void {
  const open = openRecord(state);
  if (open !== undefined) throw new WaybillError('record-open', { record: open.id, kind: open.kind });
}
