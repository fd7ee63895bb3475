import {
  eventMetadata,
  writeMetadata,
  type Actor,
  type Channel,
  type CommandContext,
  type EventStore,
  type EventToAppend,
  type PersonalData,
} from '@waybill/event-store';
import { digestOf, eventIdOf, hexOf, WaybillError, type Clock, type CommandId, type IdSource } from '@waybill/kernel';
import { securityStream, type SecurityEvent } from '../domain/securityEvents.js';
import { securitySerde } from '../domain/serde.js';

/** Where a denied attempt came from. */
export interface Attempted {
  readonly actor: Actor;
  readonly channel: Channel;
  readonly correlationId: string;
  readonly personal?: PersonalData;
}

export interface SecurityLog {
  /** Resolves when the event is durable. @throws WaybillError `store-unavailable`: it could not be stored, or too many wait already */
  record(event: SecurityEvent, attempted: Attempted): Promise<void>;
}

interface Waiting {
  readonly toAppend: EventToAppend;
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

const BATCH = 128;
const MOST_WAITING = 2_048;

/** One writer for all denials of a server: those that arrive while an append is under way go into the next one together. */
export function securityLog(options: {
  readonly store: Pick<EventStore, 'append'>;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Names this server; part of the stream's name. */
  readonly server: string;
}): SecurityLog {
  const { store, clock, ids, server } = options;
  let waiting: readonly Waiting[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      await append(batch);
    }
    writing = false;
  }

  async function append(batch: readonly Waiting[]): Promise<void> {
    try {
      await store.append(
        securityStream(server, clock.now()),
        'any',
        batch.map(({ toAppend }) => toAppend),
      );
      for (const { stored } of batch) stored();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const away = new WaybillError('store-unavailable', { reason }, { cause: error });
      for (const { failed } of batch) failed(away);
    }
  }

  return {
    record(event, attempted) {
      if (waiting.length >= MOST_WAITING)
        return Promise.reject(
          new WaybillError('store-unavailable', { reason: 'too many denials wait to be recorded.' }),
        );
      const toAppend = denial(event, attempted, ids, clock);
      return new Promise<void>((stored, failed) => {
        waiting = [...waiting, { toAppend, stored, failed }];
        void writeAll();
      });
    },
  };
}

function denial(event: SecurityEvent, attempted: Attempted, ids: IdSource, clock: Clock): EventToAppend {
  const { type, data } = securitySerde.encode(event);
  const context: CommandContext = {
    ...attempted,
    commandId: ids.next() as CommandId,
    // Nothing here is secret, and nobody repeats it under the same id: a plain digest says what it was.
    commandDigest: hexOf(digestOf({ type, data: data })),
  };
  return {
    id: eventIdOf(context.commandId, 0),
    type,
    data,
    metadata: writeMetadata(eventMetadata(context, clock)),
  };
}
