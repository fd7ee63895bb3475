import { eventIdOf, type Clock } from '@waybill/kernel';
import type { Actor, DomainEvent } from '../event.js';
import { eventMetadata, writeMetadata } from '../eventMetadata.js';
import type { EventStore } from '../eventStore.js';
import { readStream } from '../readStream.js';
import { serde } from '../serde.js';
import { serverContext } from '../serverContext.js';

export type ClaimEvent =
  | DomainEvent<'claim-taken', { readonly runner: string; readonly epoch: number; readonly leaseMs: number }>
  | DomainEvent<'claim-renewed', { readonly runner: string; readonly epoch: number; readonly renewal: number }>
  | DomainEvent<'claim-released', { readonly runner: string; readonly epoch: number }>;

const events = serde<ClaimEvent>({
  'claim-taken': { version: 1 },
  'claim-renewed': { version: 1 },
  'claim-released': { version: 1 },
});

/** Where a claim stands. Epochs count how often it was taken, from 1. */
export type ClaimState =
  | { readonly kind: 'free'; readonly epoch: number; readonly revision: bigint }
  | {
      readonly kind: 'held';
      readonly epoch: number;
      readonly revision: bigint;
      readonly runner: string;
      readonly leaseMs: number;
    };

const claimStream = (operation: string): string => `claim-${operation}`;

export async function readClaim(store: Pick<EventStore, 'read'>, operation: string): Promise<ClaimState> {
  let state: ClaimState = { kind: 'free', epoch: 0, revision: -1n };
  for await (const { event, revision } of readStream(store, events, claimStream(operation)))
    state = evolve(state, event, revision);
  return state;
}

function evolve(state: ClaimState, event: ClaimEvent, revision: bigint): ClaimState {
  switch (event.type) {
    case 'claim-taken':
      return { kind: 'held', revision, ...event.data };
    case 'claim-renewed':
      return { ...state, revision };
    case 'claim-released':
      return { kind: 'free', epoch: event.data.epoch, revision };
  }
}

/**
 * Appends one event to the claim, at the revision given; the id follows from the event, so that repeating an append whose answer was lost is safe.
 * @returns the new revision
 * @throws WaybillError `wrong-expected-revision`, `store-unavailable`, `disk-full`
 */
export async function appendToClaim(
  writer: { readonly store: Pick<EventStore, 'append'>; readonly clock: Clock; readonly actor: Actor },
  operation: string,
  revision: bigint,
  event: ClaimEvent,
): Promise<bigint> {
  const stream = claimStream(operation);
  const encoded = events.encode(event);
  const context = serverContext(writer.actor, stream, [encoded.type, encoded.data]);
  const appended = await writer.store.append(stream, revision === -1n ? 'no_stream' : revision, [
    {
      id: eventIdOf(context.commandId, 0),
      ...encoded,
      metadata: writeMetadata(eventMetadata(context, writer.clock)),
    },
  ]);
  return appended.revision;
}
