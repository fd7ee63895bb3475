import type { ComponentKey, Digest, InstanceId, RecordId } from '@waybill/kernel';
import type { Channel, EventMetadata, EventStore } from '@waybill/event-store';
import { instanceEvents } from '../app/streams.js';
import type { ComponentTruth, InstanceEvent } from '../domain/instanceEvents.js';
import {
  absent,
  evolveInstance,
  recordOf,
  type ComponentProgress,
  type InstanceState,
  type RecordState,
} from '../domain/instanceState.js';
import type { PlanKind, VersionRef } from '../domain/plan.js';

/** One record as the history tells it. */
export interface RecordView {
  readonly id: RecordId;
  readonly instance: InstanceId;
  /** 1 for the instance's first. */
  readonly number: number;
  readonly kind: PlanKind;
  readonly status: RecordState['status'];
  readonly plan: Digest;
  readonly from: VersionRef | null;
  readonly to: VersionRef | null;
  readonly undoes?: RecordId;
  readonly reason?: string;
  readonly failure?: string;
  readonly proposedAt: string;
  readonly proposedBy: Who;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly components: readonly ComponentView[];
  /** What serves of each component that was touched, told when it ended. */
  readonly result?: readonly ComponentTruth[];
}

export interface Who {
  readonly account: string;
  readonly kind: string;
  readonly role: string;
  readonly channel: Channel;
}

export const whoOf = ({ actor, channel }: EventMetadata): Who => ({
  account: actor.id,
  kind: actor.kind,
  role: actor.role,
  channel,
});

export interface ComponentView {
  readonly component: ComponentKey;
  readonly status: ComponentProgress['status'];
  readonly reason?: string;
  readonly log?: string;
  readonly at: string;
}

interface Told {
  proposedAt: string;
  proposedBy: Who;
  startedAt?: string;
  endedAt?: string;
  result?: readonly ComponentTruth[];
  readonly at: Map<string, string>;
}

/** An instance's records, oldest first: a fold over its stream and nothing else. */
export async function readHistory(
  deps: { readonly store: EventStore },
  instance: InstanceId,
): Promise<readonly RecordView[]> {
  let state: InstanceState = absent;
  const told = new Map<RecordId, Told>();
  for await (const { event, metadata } of instanceEvents(deps, instance)) {
    state = evolveInstance(state, event);
    note(told, event, metadata);
  }
  if (state.status === 'absent') return [];
  const known = state;
  return state.records.flatMap((record, index) => {
    const notes = told.get(record.id);
    return notes === undefined ? [] : [view(known.id, recordOf(known, record.id) ?? record, index + 1, notes)];
  });
}

function note(told: Map<RecordId, Told>, event: InstanceEvent, metadata: EventMetadata): void {
  if (!('record' in event.data)) return;
  const at = metadata.recordedAt;
  if (event.type === 'plan-proposed') {
    told.set(event.data.record, { proposedAt: at, proposedBy: whoOf(metadata), at: new Map() });
    return;
  }
  const notes = told.get(event.data.record);
  if (notes === undefined) return;
  if (event.type === 'rollout-started') notes.startedAt = at;
  if ('component' in event.data) notes.at.set(event.data.component, at);
  if (event.type === 'rollout-completed' || event.type === 'rollout-reverted' || event.type === 'rollout-failed') {
    notes.endedAt = at;
    notes.result = event.data.components;
  }
}

function view(instance: InstanceId, record: RecordState, number: number, { at, ...notes }: Told): RecordView {
  const { id, kind, status, plan, from, to, undoes, reason, failure } = record;
  return {
    id,
    instance,
    number,
    kind,
    status,
    plan,
    from,
    to,
    ...(undoes === undefined ? {} : { undoes }),
    ...(reason === undefined ? {} : { reason }),
    ...(failure === undefined ? {} : { failure }),
    ...notes,
    components: Object.entries(record.components).map(([component, progress]) => ({
      component: component as ComponentKey,
      status: progress.status,
      ...(progress.status === 'failed' ? { reason: progress.reason, log: progress.log } : {}),
      at: at.get(component) ?? notes.proposedAt,
    })),
  };
}
