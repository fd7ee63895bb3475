import { canonicalJson, type CanonicalValue } from '@waybill/kernel';

/** Are two values one and the same? Absent equals absent only. */
export function same(a: CanonicalValue | undefined, b: CanonicalValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

/** Every path of either, in order. */
export function pathsOf(...records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}
