import { WaybillError, type ComponentKey, type Digest, type InstanceId, type Instant } from '@waybill/kernel';
import type { Documents, EventStore, ReadModels } from '@waybill/event-store';
import { loadDesired } from '../app/loadDocuments.js';
import { instanceEvents } from '../app/streams.js';
import {
  publishedOf,
  replicasOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type ImageValue,
  type WorkloadValue,
} from '../domain/desired.js';
import { evolveInstance, openRecord, type ExistingInstance, type InstanceState } from '../domain/instanceState.js';
import { scheduleTextOf } from '../domain/schedule.js';
import { blockAt, lastBlock, type StateBlock } from './statesProjection.js';

/** An instance as the log says it is, or was: what is desired, and what serves. */
export interface InstanceView {
  readonly id: InstanceId;
  readonly name: string;
  readonly template: { readonly key: string; readonly name: string };
  readonly engine: string;
  readonly status: ExistingInstance['status'];
  readonly version: string | null;
  readonly manifest: Digest | null;
  readonly desired: Digest | null;
  readonly openRecord: string | null;
  /** Settings that wait for a plan, as `<component>/<path>`. */
  readonly pending: readonly string[];
  readonly components: readonly ComponentStateView[];
  /** Place of the last event it was folded from: the ETag. */
  readonly revision: string;
}

export interface ComponentStateView {
  readonly key: ComponentKey;
  readonly name: string;
  readonly host: string;
  /** The version of the template it was last brought to: one that a later version dropped, or a rollback left behind, says its own. */
  readonly version: string;
  readonly image?: Digest;
  /** `service`, `stateful`, `job`, `cron`, `external`, or a kind that cannot run here. */
  readonly workload: string;
  /** When it runs, for one that runs at times: five fields, a time zone before them where it is not UTC; `never`. */
  readonly schedule?: string;
  /** `replica`, from 1, where there are several: each has its own port of the host. */
  readonly ports: readonly {
    readonly containerPort: number;
    readonly hostPort: number;
    readonly protocol: string;
    readonly replica?: number;
  }[];
  /** The record that made what serves, and its containers. */
  readonly serving?: {
    readonly record: string;
    readonly containers: readonly { readonly id: string; readonly name: string }[];
  };
}

/** What a view is made of: not more, since of past states `withoutPast` keeps no more; of the records only an open one. */
type ViewedInstance = Omit<ExistingInstance, 'secrets' | 'length'>;

export interface ReadDependencies {
  readonly store: EventStore;
  readonly documents: Documents;
  readonly readModels: Pick<ReadModels, 'db'>;
}

/**
 * The instance now: the last state that the read models keep, and over it all events since, from the log itself.
 * @throws WaybillError `instance-not-found`
 */
export async function readInstance(deps: ReadDependencies, id: InstanceId): Promise<InstanceView> {
  let now: Replayed | undefined;
  for await (const each of replay(deps, id, lastBlock(deps.readModels.db, id))) now = each;
  if (now === undefined || now.state.status === 'absent')
    throw new WaybillError('instance-not-found', { instance: id });
  return instanceView(now.state, await loadDesired(deps.documents, now.state.desired), now.revision);
}

/**
 * The instance as it was at a time: a replay of the events recorded up to then, in log order, so that a clock that once went backwards hides nothing.
 * It begins at the last state before that time which the read models keep.
 * @throws WaybillError `time-invalid`, `state-before-creation`, `instance-not-found`
 */
export async function readInstanceAt(
  deps: ReadDependencies,
  id: InstanceId,
  time: string,
): Promise<InstanceView & { readonly at: Instant }> {
  const moment = parseTime(time);
  let found: Replayed | undefined;
  for await (const each of replay(deps, id, blockAt(deps.readModels.db, id, moment)))
    if (each.recordedAt <= moment) found = each;
  if (found === undefined || found.state.status === 'absent') throw await whyNoState(deps, id, moment);
  const view = instanceView(found.state, await loadDesired(deps.documents, found.state.desired), found.revision);
  return { ...view, at: moment };
}

interface Replayed {
  readonly state: InstanceState;
  readonly revision: bigint;
  readonly recordedAt: Instant;
}

/** What the instance was after each event of the block. */
async function* replay(
  deps: Pick<ReadDependencies, 'store'>,
  id: InstanceId,
  { first, before, next }: StateBlock,
): AsyncGenerator<Replayed> {
  let state: InstanceState = before;
  for await (const { event, metadata, revision } of instanceEvents(
    deps,
    id,
    first === 0 ? undefined : BigInt(first) - 1n,
  )) {
    if (next !== undefined && revision >= BigInt(next)) return;
    state = evolveInstance(state, event);
    yield { state, revision, recordedAt: metadata.recordedAt };
  }
}

async function whyNoState(deps: Pick<ReadDependencies, 'store'>, id: InstanceId, time: Instant): Promise<WaybillError> {
  for await (const { metadata } of instanceEvents(deps, id))
    return new WaybillError('state-before-creation', { instance: id, created: metadata.recordedAt, time });
  return new WaybillError('instance-not-found', { instance: id });
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function parseTime(time: string): Instant {
  const parsed = RFC3339.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(parsed)) throw new WaybillError('time-invalid', { time });
  return new Date(parsed).toISOString();
}

function instanceView(state: ViewedInstance, desired: Desired | undefined, revision: bigint): InstanceView {
  return {
    id: state.id,
    name: state.name,
    template: state.template,
    engine: state.engine,
    status: state.status,
    version: state.version?.version ?? null,
    manifest: state.version?.manifest ?? null,
    desired: state.desired,
    openRecord: openRecord(state)?.id ?? null,
    pending: Object.keys(state.settings).sort(),
    components: Object.values(desired?.components ?? {}).map((component) => componentView(component, state)),
    revision: String(revision),
  };
}

function componentView(component: DesiredComponent, state: ViewedInstance): ComponentStateView {
  const image = valueAt<ImageValue>(component, 'image')?.config;
  const unit = state.units[component.key];
  const schedule = scheduleTextOf(component);
  return {
    key: component.key,
    name: component.name,
    host: component.host,
    version: component.version,
    ...(image === undefined ? {} : { image }),
    workload: valueAt<WorkloadValue>(component, 'workload')?.kind ?? 'service',
    ...(schedule === undefined ? {} : { schedule }),
    ports: publishedOf(component).map(({ replica = 0, ...port }) =>
      replicasOf(component) === 1 ? port : { ...port, replica: replica + 1 },
    ),
    ...(unit === undefined ? {} : { serving: { record: unit.record, containers: unit.containers } }),
  };
}
