import { WaybillError } from './errors.js';

/** A version number taken apart; see `compareVersions` for what the parts mean. */
export interface ParsedVersion {
  /** As it was written. */
  readonly text: string;
  /** The numbers as decimal digits of any length, without leading zeros; trailing zeros beyond three are left out. */
  readonly segments: readonly string[];
  /** Identifiers of the pre-release; empty for a release. Numeric ones have no leading zeros. */
  readonly prerelease: readonly string[];
  /** What stands after `+`; it does not order. */
  readonly build?: string;
}

/** Longest version number, in characters. */
export const longestVersion = 64;

// A date is written with dashes, which elsewhere begin a pre-release: 2024-05-01 is a later release than 2024-04-01.
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:-\d+)*(?=$|[.+A-Za-z-])/;
const NUMBERS = /^\d+(?:\.\d+)*/;
const IDENTIFIERS = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/;
const NUMERIC = /^\d+$/;

/**
 * Takes a version number apart: an optional `v`; numbers joined by dots (or a date such as 2024-05-01, whose dashes count as dots);
 * an optional pre-release after a dash, or directly when it begins with a letter (1.0.1b is 1.0.1-b); optional build metadata after `+`.
 * @throws WaybillError `invalid-version` with the reason
 */
export function parseVersion(text: string): ParsedVersion {
  const refused = (reason: string) => new WaybillError('invalid-version', { version: text, reason });
  if (text === '') throw refused('it is empty.');
  if (text.length > longestVersion) throw refused(`it is longer than ${longestVersion} characters.`);
  const plain = text.replace(/^[vV]/, '').replace(DATE, (date) => date.replaceAll('-', '.'));
  const numbers = NUMBERS.exec(plain)?.[0];
  if (numbers === undefined) throw refused('it does not begin with a number.');
  const [rest = '', ...builds] = plain.slice(numbers.length).split('+');
  const build = builds.length === 0 ? undefined : builds.join('+');
  if (build !== undefined && !IDENTIFIERS.test(build))
    throw refused('what follows + must be letters, digits and dashes, joined by dots.');
  return {
    text,
    segments: segmentsOf(numbers),
    prerelease: prereleaseOf(rest, refused),
    ...(build === undefined ? {} : { build }),
  };
}

export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The one order of versions, over all texts that `parseVersion` takes: numbers compare as numbers, missing ones are 0; then a pre-release is
 * lower than its release, and two pre-releases compare by the rules of semver, identifier by identifier. So 1.0-rc2 > 1.0-rc1 and
 * 1.0-rc.10 > 1.0-rc.9, but 1.0-rc10 < 1.0-rc9, because an identifier that holds a letter compares as text. Build metadata does not order.
 * @throws WaybillError `invalid-version`
 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const left = parseVersion(a);
  const right = parseVersion(b);
  const bySegments = compareLists(left.segments, right.segments, '0', compareNumbers);
  if (bySegments !== 0) return bySegments;
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return sign(right.prerelease.length - left.prerelease.length);
  return compareLists(left.prerelease, right.prerelease, undefined, compareIdentifiers);
}

/**
 * One text per number: two spellings have the same text exactly when `compareVersions` finds them equal (1.0, 1.0.0, v1.0, 01.0 are `1.0.0`).
 * @throws WaybillError `invalid-version`
 */
export function normalisedVersion(text: string): string {
  const { segments, prerelease } = parseVersion(text);
  return prerelease.length === 0 ? segments.join('.') : `${segments.join('.')}-${prerelease.join('.')}`;
}

function segmentsOf(numbers: string): readonly string[] {
  const segments = numbers.split('.').map(withoutLeadingZeros);
  while (segments.length > 3 && segments.at(-1) === '0') segments.pop();
  // Three at least: the normalised text then never looks like a date or a bare number with a dash.
  while (segments.length < 3) segments.push('0');
  return segments;
}

function prereleaseOf(rest: string, refused: (reason: string) => WaybillError): readonly string[] {
  if (rest === '') return [];
  if (!/^[A-Za-z-]/.test(rest)) throw refused(`"${rest}" cannot follow a number.`);
  const identifiers = rest.startsWith('-') ? rest.slice(1) : rest;
  if (!IDENTIFIERS.test(identifiers))
    throw refused('a pre-release must be letters, digits and dashes, joined by dots.');
  return identifiers
    .split('.')
    .map((identifier) => (NUMERIC.test(identifier) ? withoutLeadingZeros(identifier) : identifier));
}

const withoutLeadingZeros = (digits: string) => digits.replace(/^0+(?=\d)/, '');

type Order = -1 | 0 | 1;

function compareLists(
  a: readonly string[],
  b: readonly string[],
  filler: string | undefined,
  compare: (a: string, b: string) => Order,
): Order {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const left = a[i] ?? filler;
    const right = b[i] ?? filler;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const order = compare(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): Order {
  const numericA = NUMERIC.test(a);
  const numericB = NUMERIC.test(b);
  if (numericA && numericB) return compareNumbers(a, b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  return compareTexts(a, b);
}

/** Decimal digits without leading zeros, of any length: the longer is the larger. */
const compareNumbers = (a: string, b: string): Order => sign(a.length - b.length) || compareTexts(a, b);

const compareTexts = (a: string, b: string): Order => (a < b ? -1 : a > b ? 1 : 0);

const sign = (n: number): Order => (n < 0 ? -1 : n > 0 ? 1 : 0);
