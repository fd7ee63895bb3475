import { canonicalJson, digestOf, isDigest, WaybillError, type CanonicalValue, type Digest } from '@waybill/kernel';

/** What is known of the parts of a package: enough to tell which is missing or damaged, and that together they are the package. */
export interface PartsIndex {
  readonly schema: 1;
  /** The whole. */
  readonly package: { readonly name: string; readonly digest: Digest; readonly size: number };
  /** Bytes of each part but the last, which may be shorter. */
  readonly partSize: number;
  /** In their order. */
  readonly parts: readonly Digest[];
}

export interface Part {
  /** From 1 on. */
  readonly number: number;
  readonly name: string;
  readonly digest: Digest;
  /** Where in the package it begins. */
  readonly at: number;
  readonly size: number;
}

/** Bytes of the smallest part: what is smaller is a slip of the pen. */
export const LEAST_PART = 64 * 1024;
export const MOST_PARTS = 999;
/** Bytes: what an index of that many parts takes, several times over. */
export const MAX_INDEX = 1024 ** 2;

export const indexName = (packageName: string): string => `${packageName}.parts.json`;
export const partName = (packageName: string, number: number): string =>
  `${packageName}.part-${String(number).padStart(3, '0')}`;

/** By its name: which package a part is of, and which of its parts. */
export function namedPart(name: string): { readonly package: string; readonly number: number } | undefined {
  const [, of, number] = /^(.+)\.part-(\d{3})$/.exec(name) ?? [];
  return of === undefined ? undefined : { package: of, number: Number(number) };
}

export const isIndexName = (name: string): boolean => name.endsWith(indexName(''));
export const isIndexOf = (name: string, packageName: string): boolean => name === indexName(packageName);

/** How many parts of that size a package has. */
export const partCount = (size: number, partSize: number): number => Math.max(1, Math.ceil(size / partSize));

/** The parts with their names and places. */
export function partsOf({ package: { name, size }, partSize, parts }: PartsIndex): readonly Part[] {
  return parts.map((digest, index) => ({
    number: index + 1,
    name: partName(name, index + 1),
    digest,
    at: index * partSize,
    size: Math.min(partSize, size - index * partSize),
  }));
}

/** The index as a file: canonical JSON, with a digest over the rest of it, since a damaged index would accuse sound parts. */
export const partsIndexBytes = (index: PartsIndex): Buffer =>
  Buffer.from(canonicalJson({ ...plain(index), check: digestOf(plain(index)) }));

const plain = (index: PartsIndex) => index as unknown as Readonly<Record<string, CanonicalValue>>;

/** @throws WaybillError `parts-index-invalid` */
export function parsePartsIndex(bytes: Uint8Array, file: string): PartsIndex {
  const invalid = (reason: string, cause?: unknown) =>
    new WaybillError('parts-index-invalid', { file, reason }, { cause });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid('it is no JSON', cause);
  }
  const index = indexIn(value);
  if (typeof index === 'string') throw invalid(index);
  if (!partsIndexBytes(index).equals(bytes)) throw invalid('it is not as it was written');
  return index;
}

/** What is wrong with it otherwise. */
function indexIn(value: unknown): PartsIndex | string {
  const { schema, package: whole, partSize, parts } = isObject(value) ? value : {};
  if (schema !== 1) return 'this Waybill reads schema 1 only; a later one may read it';
  const { name, digest, size } = isObject(whole) ? whole : {};
  if (typeof name !== 'string' || !isFileName(name)) return 'it does not say what the package is called';
  if (!isDigestText(digest)) return 'it does not say which package it is of';
  if (!isCount(size) || !isCount(partSize) || partSize < 1) return 'it does not say how large package and parts are';
  const count = partCount(size, partSize);
  if (!Array.isArray(parts) || !parts.every(isDigestText) || parts.length !== count || count > MOST_PARTS)
    return `it must list the digests of at most ${String(MOST_PARTS)} parts that make up the package`;
  return { schema, package: { name, digest, size }, partSize, parts };
}

const isDigestText = (value: unknown): value is Digest => typeof value === 'string' && isDigest(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Bytes of a package's name, so that those of its parts fit on every disk. */
const LONGEST_NAME = 200;

/** A name that parts can be called by. */
export function partableName(name: string): string {
  const plain = name
    .toWellFormed()
    .replaceAll(/[/\\\p{Cc}]/gu, '_')
    .replace(/^\.+/, '_');
  const bytes = Buffer.from(plain);
  if (bytes.length <= LONGEST_NAME) return plain === '' ? '_' : plain;
  // What is cut through in the middle becomes a sign that stands for it, of three bytes.
  return `${bytes.subarray(0, 120).toString('utf8')}_${bytes.subarray(-60).toString('utf8')}`;
}

/** Files are found by it: it must be a name, and nothing else. */
const isFileName = (name: string): boolean =>
  name.length > 0 &&
  Buffer.byteLength(name) <= LONGEST_NAME &&
  name.isWellFormed() &&
  !/[/\\\p{Cc}]/u.test(name) &&
  !name.startsWith('.');
