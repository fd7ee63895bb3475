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
import type { ComponentTruth, InstanceEvent, MadeContainer } from './instanceEvents.js';
import type { PlanKind, VersionRef } from './plan.js';

/** One submitted plan, from proposal to result. */
export interface RecordState {
  readonly id: RecordId;
  readonly kind: PlanKind;
  readonly plan: Digest;
  readonly from: VersionRef | null;
  readonly to: VersionRef | null;
  /** What was desired when it was proposed, and what it wanted. */
  readonly before: Digest | null;
  readonly desired: Digest | null;
  readonly undoes?: RecordId;
  readonly reason?: string;
  /** Place of the proposal among the instance's events. */
  readonly proposedAt: number;
  readonly status: RecordStatus;
  readonly components: Readonly<Record<string, ComponentProgress>>;
  /** Why it failed or was reverted. */
  readonly failure?: string;
  /** Epoch of the last claim that was announced by `taken-over`; 0: nobody took it over. */
  readonly epoch: number;
}

export type RecordStatus = 'proposed' | 'running' | 'reverting' | 'completed' | 'reverted' | 'failed';

export type ComponentProgress =
  | { readonly status: 'intended' | 'removed' }
  | { readonly status: 'applied'; readonly unit: ServingUnit }
  | { readonly status: 'failed'; readonly reason: string; readonly log: string };

/** The generation of a component that serves: which record made it, from what. */
export interface ServingUnit {
  readonly record: RecordId;
  readonly specDigest: Digest;
  readonly image: Digest;
  readonly containers: readonly MadeContainer[];
}

/** A setting that waits for a plan. */
export interface WaitingSetting {
  readonly value: CanonicalValue;
  readonly revision: number;
}

export interface StoredSecret {
  readonly version: number;
  readonly fingerprint: string;
  readonly sealed: SealedValue;
  /** Has a record ever let it take effect? One that was set and withdrawn never was in use. */
  readonly used: boolean;
}

export interface ExistingInstance {
  readonly status: 'created' | 'installed' | 'removed';
  readonly id: InstanceId;
  readonly name: string;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly engine: EngineId;
  /** Document of what is desired, since the last record that completed. */
  readonly desired: Digest | null;
  readonly version: VersionRef | null;
  readonly units: Readonly<Record<string, ServingUnit>>;
  /** By `<component>/<path>`. */
  readonly settings: Readonly<
    Record<string, WaitingSetting & { readonly component: ComponentKey; readonly path: string }>
  >;
  readonly secrets: Readonly<Record<string, readonly StoredSecret[]>>;
  readonly records: readonly RecordState[];
  /** Events folded so far: the next one's place. */
  readonly length: number;
}

export type InstanceState = { readonly status: 'absent'; readonly length: number } | ExistingInstance;

export const absent: InstanceState = { status: 'absent', length: 0 };

/** The operation under which a record is carried out, and claimed. */
export const rolloutOperation = (record: RecordId): string => `record-${record}`;

export const isOpen = (record: RecordState): boolean =>
  record.status === 'proposed' || record.status === 'running' || record.status === 'reverting';
export const openRecord = (state: Pick<ExistingInstance, 'records'>): RecordState | undefined =>
  state.records.find(isOpen);
export const lastClosed = (state: ExistingInstance): RecordState | undefined =>
  state.records.filter((record) => !isOpen(record)).at(-1);
export const recordOf = (state: ExistingInstance, id: RecordId): RecordState | undefined =>
  state.records.findLast((record) => record.id === id);

/** Folds one fact into what is known of an instance. */
export function evolveInstance(state: InstanceState, event: InstanceEvent): InstanceState {
  const next = apply(state, event);
  return { ...next, length: state.length + 1 };
}

function apply(state: InstanceState, event: InstanceEvent): InstanceState {
  if (event.type === 'instance-created') return created(event.data);
  if (state.status === 'absent') throw new Error(`${event.type} before instance-created`);
  switch (event.type) {
    case 'setting-changed': {
      const { component, path, value } = event.data;
      return {
        ...state,
        settings: { ...state.settings, [`${component}/${path}`]: { component, path, value, revision: state.length } },
      };
    }
    case 'setting-withdrawn': {
      const { [`${event.data.component}/${event.data.path}`]: _withdrawn, ...settings } = state.settings;
      return { ...state, settings };
    }
    case 'secret-stored': {
      const { name, version, fingerprint, sealed, source } = event.data;
      const secret = { version, fingerprint, sealed, used: source === 'generated' };
      return { ...state, secrets: { ...state.secrets, [name]: [...(state.secrets[name] ?? []), secret] } };
    }
    case 'plan-proposed':
      return { ...state, records: [...state.records, proposed(state, event.data)] };
    case 'rollout-started':
      return withRecord(state, event.data.record, (record) => ({ ...record, status: 'running' }));
    case 'component-apply-intended':
      return progress(state, event.data.record, event.data.component, { status: 'intended' });
    case 'component-applied':
      return applied(state, event.data);
    case 'component-failed':
      return withRecord(
        progress(state, event.data.record, event.data.component, {
          status: 'failed',
          reason: event.data.reason,
          log: event.data.log,
        }),
        event.data.record,
        (record) => ({
          ...record,
          status: 'reverting',
          failure: event.data.reason,
        }),
      );
    case 'component-removed':
      return progress(state, event.data.record, event.data.component, { status: 'removed' });
    case 'rollout-completed':
      return completed(state, event.data);
    case 'rollout-reverted':
      return ended(state, event.data, 'reverted');
    case 'rollout-failed':
      return ended(state, event.data, 'failed');
    case 'instance-removed':
      return { ...state, status: 'removed', units: {} };
    case 'taken-over': {
      const { operation, epoch } = event.data;
      const record = state.records.find(({ id }) => rolloutOperation(id) === operation);
      if (record === undefined) return state;
      return withRecord(state, record.id, (one) => ({ ...one, epoch: Math.max(one.epoch, epoch) }));
    }
  }
}

const created = ({
  instance,
  name,
  template,
  engine,
}: Extract<InstanceEvent, { type: 'instance-created' }>['data']): ExistingInstance => ({
  status: 'created',
  id: instance,
  name,
  template,
  engine,
  desired: null,
  version: null,
  units: {},
  settings: {},
  secrets: {},
  records: [],
  length: 0,
});

function proposed(
  state: ExistingInstance,
  data: Extract<InstanceEvent, { type: 'plan-proposed' }>['data'],
): RecordState {
  const { record, kind, plan, from, to, desired, undoes, reason } = data;
  return {
    id: record,
    kind,
    plan,
    from,
    to,
    before: state.desired,
    desired,
    ...(undoes === undefined ? {} : { undoes }),
    ...(reason === undefined ? {} : { reason }),
    proposedAt: state.length,
    status: 'proposed',
    components: {},
    epoch: 0,
  };
}

/** Mostly the last one: instances have long histories, and every event of one comes through here. */
function withRecord(
  state: ExistingInstance,
  id: RecordId,
  change: (record: RecordState) => RecordState,
): ExistingInstance {
  const at = state.records.findLastIndex((record) => record.id === id);
  const record = state.records[at];
  return record === undefined ? state : { ...state, records: state.records.with(at, change(record)) };
}

const progress = (
  state: ExistingInstance,
  id: RecordId,
  component: ComponentKey,
  to: ComponentProgress,
): ExistingInstance =>
  withRecord(state, id, (record) => ({ ...record, components: { ...record.components, [component]: to } }));

function applied(
  state: ExistingInstance,
  data: Extract<InstanceEvent, { type: 'component-applied' }>['data'],
): ExistingInstance {
  const { record, component, ...unit } = data;
  return progress(state, record, component, { status: 'applied', unit: { record, ...unit } });
}

interface End {
  readonly record: RecordId;
  readonly components: readonly ComponentTruth[];
}

/** Only a completed record changes what is desired and which settings still wait. */
function completed(state: ExistingInstance, end: End): ExistingInstance {
  const done = withRecord(state, end.record, (record) => ({ ...record, status: 'completed' }));
  const record = recordOf(done, end.record);
  if (record === undefined) return done;
  return {
    ...done,
    status: record.kind === 'remove' ? done.status : 'installed',
    desired: record.desired,
    version: record.to,
    settings: {},
    secrets: usedSecrets(done),
    units: unitsAfter(done, end),
  };
}

/** The secrets that waited are in use now. */
function usedSecrets({ secrets, settings }: ExistingInstance): ExistingInstance['secrets'] {
  const waited = new Set(Object.values(settings).map(({ value }) => secretIn(value)));
  return Object.fromEntries(
    Object.entries(secrets).map(([name, versions]) => [
      name,
      waited.has(name)
        ? versions.map((one, index) => (index === versions.length - 1 ? { ...one, used: true } : one))
        : versions,
    ]),
  );
}

/** The name of the secret that a value refers to, if it does. */
export const secretIn = (value: CanonicalValue | undefined): string | undefined =>
  (value as { readonly secret?: string } | null | undefined)?.secret;

const ended = (
  state: ExistingInstance,
  end: End & { readonly reason: string },
  status: 'failed' | 'reverted',
): ExistingInstance => ({
  ...withRecord(state, end.record, (record) => ({ ...record, status, failure: end.reason })),
  units: unitsAfter(state, end),
});

/** What serves after a rollout is what it said serves. */
function unitsAfter(state: ExistingInstance, end: End): Readonly<Record<string, ServingUnit>> {
  const units = { ...state.units };
  const record = recordOf(state, end.record);
  for (const { component, serving } of end.components) {
    const progress = record?.components[component];
    if (serving === 'new' && progress?.status === 'applied') units[component] = progress.unit;
    if (serving === 'none') Reflect.deleteProperty(units, component);
  }
  return units;
}
