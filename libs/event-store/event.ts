import type { AccountId, CanonicalValue, ClockState, CommandId, Digest, EventId, Instant } from '@waybill/kernel';

/** A fact as the domain sees it: plain readonly data under a string-literal type. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Who acted. `system` acts on behalf of a recorded command, e.g. a rollout that goes on after a restart. */
export interface Actor {
  readonly id: AccountId;
  readonly kind: 'person' | 'token' | 'system';
  readonly role: string;
}

export type Channel = 'api' | 'cli' | 'console' | 'system';

/** Personal fields, kept apart and salted so that exports can leave them out and still be proven. */
export interface PersonalData {
  readonly salt: string;
  readonly name?: string;
  readonly address?: string;
  readonly agent?: string;
}

/** What every event says about itself beside its data. The times are the writer's, never the store's. */
export interface EventMetadata {
  readonly schema: 1;
  readonly commandId: CommandId;
  /** Keyed MAC of the command's canonical payload: the same key with another digest is another request. */
  readonly commandDigest: string;
  readonly correlationId: string;
  readonly causationId?: EventId;
  readonly actor: Actor;
  readonly channel: Channel;
  readonly recordedAt: Instant;
  readonly clock: ClockState;
  /** Where it differs from `recordedAt`, e.g. in an imported history. */
  readonly occurredAt?: Instant;
  readonly personal?: PersonalData;
}

/** What the store takes: wire name, canonical data or bytes. */
export interface EventToAppend {
  readonly id: EventId;
  /** Explicit wire name with its version, e.g. `version-published.v1`; never a class name. */
  readonly type: string;
  readonly data: CanonicalValue | Uint8Array;
  readonly metadata: CanonicalValue;
}

/** What the store gives back. */
export interface StoredEvent extends EventToAppend {
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: bigint;
  /** Place in the whole log: grows, may have gaps; comparable within one store only. */
  readonly position: bigint;
}

/** A stored event read back into the domain's words: upcast to its latest shape. */
export interface RecordedEvent<Event extends DomainEvent = DomainEvent> {
  readonly event: Event;
  readonly id: EventId;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly metadata: EventMetadata;
}

/** What a command carries beside its payload: identity, cause and the outside world it may use. */
export interface CommandContext {
  readonly commandId: CommandId;
  readonly commandDigest: string;
  readonly correlationId: string;
  readonly causationId?: EventId;
  readonly actor: Actor;
  readonly channel: Channel;
  readonly personal?: PersonalData;
  /** Only tried out: everything is checked and decided, and nothing is written. See `workingOn`. */
  readonly dryRun?: true;
}

/** Digest of an event's data: SHA-256 of its canonical JSON (or of its bytes), alike before append and after read. */
export type EventDigest = Digest;
