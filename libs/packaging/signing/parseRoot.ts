import { canonicalJson, isWaybillError, type CanonicalValue } from '@waybill/kernel';
import { parsePublicKey, type KeyFingerprint } from './publicKey.js';
import type { PublisherRoot, RevokedKey } from './publisherRoot.js';

const MAX_KEYS = 32;
const MAX_REVOKED = 1000;
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** The root in these bytes, or what is wrong with them. Only the one canonical spelling is taken. */
export function parseRoot(bytes: Uint8Array): PublisherRoot | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'it is no JSON.';
  }
  if (!isObject(value)) return 'it is no object.';
  const { schema, publisher, version, threshold, keys, revoked, ...rest } = value;
  if (schema !== 1) return 'it is of a schema that this Waybill does not know.';
  if (typeof publisher !== 'string' || publisher === '' || publisher.length > 200) return 'it names no publisher.';
  if (!isCount(version) || !isCount(threshold)) return 'version and threshold must be numbers from 1 on.';
  const keysRead = sortedKeys(keys);
  if (keysRead === undefined) return `between 1 and ${MAX_KEYS} different keys are expected, sorted.`;
  if (threshold > keysRead.length) return 'its threshold is higher than the number of its keys.';
  const revokedRead = sortedRevocations(revoked);
  if (revokedRead === undefined) return 'its revocations are not a sorted list of fingerprints with reasons.';
  if (Object.keys(rest).length > 0) return `it holds what is not known: ${Object.keys(rest).join(', ')}.`;
  const root: PublisherRoot = { schema, publisher, version, threshold, keys: keysRead, revoked: revokedRead };
  return canonicalOf(root)?.equals(bytes) === true ? root : 'it is not written in canonical form.';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

const isSorted = (texts: readonly string[]): boolean =>
  texts.every((text, index) => index === 0 || (texts[index - 1] ?? '') < text);

function sortedKeys(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_KEYS) return undefined;
  const lines = value.filter((line): line is string => typeof line === 'string' && isPlainKey(line));
  return lines.length === value.length && isSorted(lines) ? lines : undefined;
}

function isPlainKey(line: string): boolean {
  try {
    return parsePublicKey(line).line === line;
  } catch (error) {
    if (isWaybillError(error)) return false;
    throw error;
  }
}

function sortedRevocations(value: unknown): readonly RevokedKey[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_REVOKED) return undefined;
  const read = value.filter(
    (item): item is { key: KeyFingerprint; reason: string } =>
      isObject(item) &&
      Object.keys(item).length === 2 &&
      typeof item['key'] === 'string' &&
      FINGERPRINT.test(item['key']) &&
      typeof item['reason'] === 'string' &&
      item['reason'].length <= 1000,
  );
  return read.length === value.length && isSorted(read.map(({ key }) => key)) ? read : undefined;
}

function canonicalOf(root: PublisherRoot): Buffer | undefined {
  try {
    return Buffer.from(canonicalJson(root as unknown as CanonicalValue));
  } catch {
    return undefined;
  }
}
