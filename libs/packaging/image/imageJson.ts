import { hasCode, sha256, WaybillError, type Digest } from '@waybill/kernel';
import type { ReadLimits } from '../package.js';
import { isJsonList, type JsonObject, type JsonValue } from '../ram/json.js';
import { parseStrictJson } from '../ram/strictJson.js';
import type { Found } from './collectEntries.js';
import { follow } from './follow.js';

export type JsonFileLimits = Pick<ReadLimits, 'jsonBytes' | 'jsonDepth' | 'jsonValues'>;

export const imageInvalid = (image: string, reason: string, cause?: unknown): WaybillError =>
  new WaybillError('package-image-invalid', { image, reason: `${reason}.` }, { cause });

/** The bytes of a JSON entry. @throws WaybillError `package-image-invalid`, `package-limit-exceeded` */
export function jsonBytes(
  entries: ReadonlyMap<string, Found>,
  name: string,
  limits: Pick<ReadLimits, 'jsonBytes'>,
): Uint8Array {
  const found = follow(entries, name);
  switch (found?.kind) {
    case 'json':
      return found.bytes;
    case 'too-large':
      throw new WaybillError('package-limit-exceeded', {
        what: 'The size of a JSON file of an image in bytes',
        limit: limits.jsonBytes,
        entry: name,
      });
    case undefined:
      throw imageInvalid(name, 'it is not in the archive');
    case 'layer':
    case 'unusable':
      throw imageInvalid(name, 'it is no JSON');
  }
}

/** @throws WaybillError `package-image-invalid`, `package-limit-exceeded` */
export function imageJson(
  entries: ReadonlyMap<string, Found>,
  name: string,
  limits: JsonFileLimits,
  promised?: Digest,
): JsonValue {
  const bytes = jsonBytes(entries, name, limits);
  if (promised !== undefined && promised !== sha256(bytes))
    throw imageInvalid(name, `it has the digest ${sha256(bytes)}`);
  return parsed(name, bytes, limits);
}

export function parsed(name: string, bytes: Uint8Array, limits: JsonFileLimits): JsonValue {
  try {
    return parseStrictJson(
      bytes,
      { bytes: limits.jsonBytes, depth: limits.jsonDepth, values: limits.jsonValues },
      name,
    );
  } catch (error) {
    if (hasCode(error, 'package-metadata-invalid'))
      throw imageInvalid(
        name,
        `${String(error.details['reason']).replace(/\.$/, '')} at ${String(error.details['at'])}`,
        error,
      );
    throw error;
  }
}

export function textOf(object: JsonObject, name: string, where: string): string {
  const value = object[name];
  if (typeof value !== 'string' || value === '') throw imageInvalid(where, `"${name}" is no text`);
  return value;
}

/** Texts; absent and null are none. */
export function listOf(object: JsonObject, name: string, where: string): readonly string[] {
  const value = object[name] ?? null;
  if (value === null) return [];
  if (!isJsonList(value)) throw imageInvalid(where, `"${name}" is no list`);
  return value.map((item) => {
    if (typeof item !== 'string') throw imageInvalid(where, `"${name}" holds something that is no text`);
    return item;
  });
}
