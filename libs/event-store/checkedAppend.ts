import {
  canonicalJson,
  isUuid,
  isWaybillError,
  WaybillError,
  type CanonicalValue,
  type EventId,
} from '@waybill/kernel';
import type { EventToAppend } from './event.js';
import { MAX_APPEND_BYTES } from './eventStore.js';

/** An event as an adapter writes it: canonical JSON as text, or bytes that nobody else can change any more. */
export interface CheckedEvent {
  readonly id: EventId;
  readonly type: string;
  readonly data: string | Uint8Array;
  readonly metadata: string;
  /** Bytes of data and metadata together. */
  readonly size: number;
}

/**
 * What every adapter checks before it writes, so that all of them refuse the same appends.
 * @throws WaybillError `append-invalid`, `append-too-large`
 */
export function checkedAppend(stream: string, events: readonly EventToAppend[]): readonly CheckedEvent[] {
  const refused = (reason: string, cause?: unknown) =>
    new WaybillError('append-invalid', { stream, reason }, { cause });
  checkName('stream', stream, refused);
  const ids = new Set<string>();
  const checked = events.map((event): CheckedEvent => {
    if (!isUuid(event.id)) throw refused(`the event id "${event.id}" is no UUID in lower case`);
    if (ids.has(event.id)) throw refused(`the event id ${event.id} occurs twice`);
    ids.add(event.id);
    checkName('event type', event.type, refused);
    const json = (what: string, value: CanonicalValue) => {
      try {
        return canonicalJson(value);
      } catch (error) {
        throw refused(`${what} of ${event.type}: ${isWaybillError(error) ? error.message : String(error)}`, error);
      }
    };
    const metadata = json('the metadata', event.metadata);
    const data = event.data instanceof Uint8Array ? Uint8Array.from(event.data) : json('the data', event.data);
    return { id: event.id, type: event.type, data, metadata, size: byteLength(data) + byteLength(metadata) };
  });
  const size = checked.reduce((sum, event) => sum + event.size, 0);
  if (size > MAX_APPEND_BYTES) throw new WaybillError('append-too-large', { stream, size, limit: MAX_APPEND_BYTES });
  return checked;
}

function checkName(what: string, name: string, refused: (reason: string) => WaybillError): void {
  if (name === '') throw refused(`the ${what} is empty`);
  if (name.startsWith('$')) throw refused(`the ${what} "${name}" begins with $, which stores keep for themselves`);
  if (name.includes('\0') || !name.isWellFormed()) throw refused(`the ${what} holds characters that no store keeps`);
}

/** Names an append by what it appends, whatever the stream: `append version-published`. */
export const appendPoint = (events: readonly EventToAppend[]) => (): string =>
  `append ${[...new Set(events.map(({ type }) => type.replace(/\.v\d+$/, '')))].join('+')}`;

const byteLength = (data: string | Uint8Array): number => Buffer.byteLength(data);
