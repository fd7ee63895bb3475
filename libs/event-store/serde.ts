import { canonicalJson, isWaybillError, WaybillError, type CanonicalValue } from '@waybill/kernel';
import type { DomainEvent, RecordedEvent, StoredEvent } from './event.js';
import { readMetadata } from './eventMetadata.js';

/** How one type of event is written, and how its older forms are read. */
export interface EventDefinition {
  /** The version that is written now, from 1. */
  readonly version: number;
  /** For every older wire version n: turns its data into that of version n + 1. */
  readonly upcasters?: Readonly<Record<number, (data: CanonicalValue) => CanonicalValue>>;
  /** Looks at the data before writing and after upcasting; throws when it is not what the domain expects. */
  readonly validate?: (data: CanonicalValue) => void;
}

/** Translates between a context's events and what stands in the log. */
export interface Serde<Event extends DomainEvent> {
  /**
   * The current wire name and canonical data; members that are `undefined` are left out.
   * @throws WaybillError `not-canonical`; what `validate` throws
   */
  encode(event: Event): { readonly type: string; readonly data: CanonicalValue };
  /** @throws WaybillError `event-unknown` for a type or version that was never written, `event-unreadable` for data out of shape */
  decode(stored: StoredEvent): Event;
  /** Can events of this wire name be decoded, in any version shipped so far? */
  knows(wireType: string): boolean;
  /** Decodes an event together with its place in the log and its metadata. Throws as `decode`. */
  record(stored: StoredEvent): RecordedEvent<Event>;
  /** The wire names that are written now. */
  readonly types: readonly string[];
}

const WIRE_NAME = /^(?<name>[a-z][a-z0-9-]*)\.v(?<version>[1-9][0-9]{0,5})$/;

/**
 * The serde of a context: the domain type is the wire name without its version (`version-published` is written as `version-published.v1`).
 * @throws TypeError when a definition cannot read every older version of itself
 */
export function serde<Event extends DomainEvent>(definitions: {
  readonly [Type in Event['type']]: EventDefinition;
}): Serde<Event> {
  const known = new Map(Object.entries<EventDefinition>(definitions));
  for (const [type, definition] of known) mustBeWhole(type, definition);

  function find(wireType: string): { type: string; version: number; definition: EventDefinition } | undefined {
    const groups = WIRE_NAME.exec(wireType)?.groups;
    const type = groups?.['name'] ?? '';
    const version = Number(groups?.['version']);
    const definition = known.get(type);
    return definition !== undefined && version <= definition.version ? { type, version, definition } : undefined;
  }

  function decode(stored: StoredEvent): Event {
    const found = find(stored.type);
    if (found === undefined) throw new WaybillError('event-unknown', { ...place(stored), type: stored.type });
    try {
      return { type: found.type, data: upcast(stored.data, found.version, found.definition) } as unknown as Event;
    } catch (error) {
      throw unreadable(stored, error);
    }
  }

  return {
    types: [...known].map(([type, { version }]) => wireName(type, version)),
    knows: (wireType) => find(wireType) !== undefined,
    encode(event) {
      const definition = known.get(event.type);
      if (definition === undefined) throw new TypeError(`this serde does not know the event type ${event.type}`);
      const data = normalised(event.data as CanonicalValue);
      // What could not be read back must never be written.
      definition.validate?.(data);
      return { type: wireName(event.type, definition.version), data };
    },
    decode,
    record: (stored) => ({
      event: decode(stored),
      id: stored.id,
      stream: stored.stream,
      revision: stored.revision,
      position: stored.position,
      metadata: readMetadata(stored),
    }),
  };
}

const wireName = (type: string, version: number) => `${type}.v${version}`;

/** What a reader will get back, so that a writer never folds anything else. */
const normalised = (data: CanonicalValue): CanonicalValue => JSON.parse(canonicalJson(data)) as CanonicalValue;

function upcast(data: StoredEvent['data'], from: number, definition: EventDefinition): CanonicalValue {
  if (data instanceof Uint8Array) throw new TypeError('it holds bytes where JSON is expected.');
  let present = data;
  for (let version = from; version < definition.version; version += 1)
    present = definition.upcasters?.[version]?.(present) ?? null;
  definition.validate?.(present);
  return present;
}

function mustBeWhole(type: string, definition: EventDefinition): void {
  if (!WIRE_NAME.test(wireName(type, definition.version)))
    throw new TypeError(`${wireName(type, definition.version)} is not a wire name`);
  for (let version = 1; version < definition.version; version += 1)
    if (definition.upcasters?.[version] === undefined)
      throw new TypeError(`${type} has no upcaster from version ${version}`);
}

const place = (stored: StoredEvent) => ({ stream: stored.stream, revision: String(stored.revision) });

function unreadable(stored: StoredEvent, cause: unknown): WaybillError {
  if (isWaybillError(cause) && cause.code === 'event-unreadable') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WaybillError('event-unreadable', { ...place(stored), reason }, { cause });
}
