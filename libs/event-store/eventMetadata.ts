import { isUuid, WaybillError, type CanonicalValue, type Clock } from '@waybill/kernel';
import type { CommandContext, EventMetadata, StoredEvent } from './event.js';

/** What an event written now, for this command, says about itself. */
export function eventMetadata(
  context: CommandContext,
  clock: Pick<Clock, 'now' | 'state'>,
  options: { readonly occurredAt?: string } = {},
): EventMetadata {
  const { commandId, commandDigest, correlationId, causationId, actor, channel, personal } = context;
  const { occurredAt } = options;
  const recordedAt = clock.now();
  return {
    schema: 1,
    commandId,
    commandDigest,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    actor,
    channel,
    recordedAt,
    clock: clock.state(),
    ...(occurredAt === undefined || occurredAt === recordedAt ? {} : { occurredAt }),
    ...(personal === undefined ? {} : { personal }),
  };
}

/** The metadata in the form the store takes. */
export const writeMetadata = (metadata: EventMetadata): CanonicalValue => metadata as unknown as CanonicalValue;

/**
 * Reads metadata back.
 * @throws WaybillError `event-unreadable` when a field is missing or of another kind, or the schema is a later one
 */
export function readMetadata(stored: Pick<StoredEvent, 'metadata' | 'stream' | 'revision'>): EventMetadata {
  const wrong = faultOf(stored.metadata);
  if (wrong !== undefined)
    throw new WaybillError('event-unreadable', {
      stream: stored.stream,
      revision: String(stored.revision),
      reason: `its metadata has no valid ${wrong}.`,
    });
  return stored.metadata as unknown as EventMetadata;
}

type Check = (value: unknown) => boolean;
type Members = Readonly<Record<string, unknown>>;

const text: Check = (value) => typeof value === 'string';
const instant: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const id: Check = (value) => typeof value === 'string' && isUuid(value);
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const members =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isMembers(value) && Object.entries(checks).every(([name, check]) => check(value[name]));

const checks: Readonly<Record<keyof EventMetadata, Check>> = {
  schema: (value) => value === 1,
  commandId: id,
  commandDigest: text,
  correlationId: text,
  causationId: optional(id),
  actor: members({ id: text, kind: oneOf('person', 'token', 'system'), role: text }),
  channel: oneOf('api', 'cli', 'console', 'system'),
  recordedAt: instant,
  clock: members({ source: oneOf('system'), synchronised: oneOf('yes', 'no', 'unknown') }),
  occurredAt: optional(instant),
  personal: optional(members({ salt: text, name: optional(text), address: optional(text), agent: optional(text) })),
};

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function faultOf(metadata: unknown): string | undefined {
  if (!isMembers(metadata)) return 'fields';
  return Object.entries(checks).find(([name, check]) => !check(metadata[name]))?.[0];
}
