import { createHash, randomUUID } from 'node:crypto';
import type { Brand } from './brand.js';
import { WaybillError } from './errors.js';

/** The stable name a template's author chose; never changes. */
export type TemplateKey = Brand<string, 'TemplateKey'>;
/** The stable name of one part of a template; components of two versions match by it alone. */
export type ComponentKey = Brand<string, 'ComponentKey'>;
export type InstanceId = Brand<string, 'InstanceId'>;
export type RecordId = Brand<string, 'RecordId'>;
export type ImportId = Brand<string, 'ImportId'>;
export type ExportId = Brand<string, 'ExportId'>;
export type CollectionId = Brand<string, 'CollectionId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type CommandId = Brand<string, 'CommandId'>;
export type EventId = Brand<string, 'EventId'>;
/** What the engine calls itself (`docker info` → ID); a Swarm's cluster id. */
export type EngineId = Brand<string, 'EngineId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Our own UUIDv5 name space: ids derived by Waybill never meet those of others. */
const WAYBILL_NAMESPACE = '6f0d6c1e-2b4f-5a0e-9c55-9a1a3c7d2e10';

/** Where fresh ids come from; injected, so that tests and replays are repeatable. */
export interface IdSource {
  next(): string;
}

export const randomIds: IdSource = { next: () => randomUUID() };

/** An id source that counts: `00000000-0000-4000-8000-000000000001`, … */
export function countingIds(): IdSource {
  let n = 0;
  return { next: () => `00000000-0000-4000-8000-${String(++n).padStart(12, '0')}` };
}

/** UUIDv5 (RFC 9562) of the parts, joined unambiguously. */
export function derivedId(...parts: readonly string[]): string {
  const name = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  const hash = createHash('sha1')
    .update(Buffer.from(WAYBILL_NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.subarray(0, 16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const eventIdOf = (command: CommandId, index: number): EventId =>
  derivedId('event', command, String(index)) as EventId;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

// Keys become stream names, labels and path segments of URLs; the reference system's keys are 32 hex digits.
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/;

/** @throws WaybillError `invalid-key` */
export function templateKey(text: string): TemplateKey {
  if (!KEY.test(text)) throw new WaybillError('invalid-key', { what: 'template key', key: text });
  return text as TemplateKey;
}

/** @throws WaybillError `invalid-key` */
export function componentKey(text: string): ComponentKey {
  if (!KEY.test(text)) throw new WaybillError('invalid-key', { what: 'component key', key: text });
  return text as ComponentKey;
}
