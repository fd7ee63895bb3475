import { WaybillError, type EventId, type InstanceId } from '@waybill/kernel';
import type { EventMetadata, EventStore } from '@waybill/event-store';
import { instanceEvents } from '../app/streams.js';
import { absent, evolveInstance, type ExistingInstance, type InstanceState } from '../domain/instanceState.js';
import { whoOf, type Who } from './history.js';

/** Who asked for a value, and when. */
export interface SetBy {
  readonly by: Who;
  readonly at: string;
}

export interface Told {
  readonly state: ExistingInstance;
  readonly revision: bigint;
  /** By the place of the setting event in the instance's stream. */
  readonly told: ReadonlyMap<number, { readonly event: EventId } & SetBy>;
}

/** An instance, and who set what of it. @throws WaybillError `instance-not-found` */
export async function loadTold(deps: { readonly store: EventStore }, id: InstanceId): Promise<Told> {
  let state: InstanceState = absent;
  let last = -1n;
  const told = new Map<number, { readonly event: EventId } & SetBy>();
  for await (const { event, id: eventId, metadata, revision } of instanceEvents(deps, id)) {
    state = evolveInstance(state, event);
    last = revision;
    if (event.type === 'setting-changed') told.set(Number(revision), { event: eventId, ...setBy(metadata) });
  }
  if (state.status === 'absent') throw new WaybillError('instance-not-found', { instance: id });
  return { state, revision: last, told };
}

export const setBy = (metadata: EventMetadata): SetBy => ({ by: whoOf(metadata), at: metadata.recordedAt });
