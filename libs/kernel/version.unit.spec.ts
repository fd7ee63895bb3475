import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it, test } from 'vitest';
import { isWaybillError } from './errors.js';
import { compareVersions, isVersion, longestVersion, normalisedVersion, parseVersion } from './version.js';

/** The first rows are those that the reference system's own rule gets right or wrong; all answers here are the right ones. */
const ordered: readonly (readonly [newer: string, current: string])[] = [
  ['1.10', '1.2'],
  ['1.10', '1.9'],
  ['1.0', '1.0-rc1'],
  ['1.0.1b', '1.0.0'],
  ['1.0.1', '1.0.1b'],
  ['v2.0', 'v1.0'],
  ['v1.1', 'v1.0'],
  ['V1.1', 'v1.0'],
  ['1.0-rc2', '1.0-rc1'],
  ['1.0rc2', '1.0-rc1'],
  ['1.0-rc.10', '1.0-rc.9'],
  ['1.0-rc9', '1.0-rc10'],
  ['1.0-rc.1', '1.0-rc'],
  ['1.0-alpha', '1.0-7'],
  ['2024-05-01', '2024-04-01'],
  ['2024-10-01', '2024-9-30'],
  ['2024-05-01-2', '2024-05-01'],
  ['2024-05-01', '2024-05-01-rc1'],
  ['2024-05-01', '2024-05-01b'],
  ['1.0.0.1', '1.0'],
  ['10000000000000000000000000000001', '10000000000000000000000000000000'],
  ['1.0-20000000000000000000000000000001', '1.0-20000000000000000000000000000000'],
];

const same: readonly (readonly [string, string])[] = [
  ['1.0.0', '1.0'],
  ['01.0', '1.0'],
  ['v1.0', '1.0'],
  ['1', '1.0.0.0'],
  ['1.0.1b', '1.0.1-b'],
  ['1.0-rc.01', '1.0-rc.1'],
  ['1.0+linux', '1.0+windows'],
  ['2024-5-1', '2024-05-01'],
];

describe('the order of versions', () => {
  test.each(ordered)('%s is higher than %s', (newer, current) => {
    expect([compareVersions(newer, current), compareVersions(current, newer)]).toEqual([1, -1]);
    expect(normalisedVersion(newer)).not.toBe(normalisedVersion(current));
  });

  test.each(same)('%s and %s are one number', (a, b) => {
    expect([compareVersions(a, b), normalisedVersion(a)]).toEqual([0, normalisedVersion(b)]);
  });

  const identifier = fc.stringMatching(/^(?:[0-9]{1,3}|[a-c][0-9]{0,2}|[0-9]{1,2}[a-c-][0-9]?)$/);
  const version = fc
    .record({
      prefix: fc.constantFrom('', 'v', 'V'),
      numbers: fc.oneof(
        fc.array(fc.stringMatching(/^0?[0-9]{1,2}$/), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
        fc.stringMatching(/^202[45]-0?[1-3]-0?[1-3]$/),
      ),
      prerelease: fc
        .array(identifier, { maxLength: 3 })
        .map((parts) => (parts.length > 0 ? `-${parts.join('.')}` : '')),
      build: fc.constantFrom('', '', '+7', '+a.b-c'),
    })
    .map(({ prefix, numbers, prerelease, build }) => prefix + numbers + prerelease + build)
    // A date followed by a number and a bare dash is the one form that falls out.
    .filter(isVersion);

  it('is antisymmetric, and equal exactly where the normalised texts are', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = compareVersions(a, b);
        expect(compareVersions(b, a) + order).toBe(0);
        expect(order === 0).toBe(normalisedVersion(a) === normalisedVersion(b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const sorted = [a, b, c].sort(compareVersions);
        expect(compareVersions(sorted[0] ?? a, sorted[2] ?? c)).toBeLessThanOrEqual(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a normalised text as it is', () => {
    fc.assert(
      fc.property(version, (a) => {
        expect(normalisedVersion(normalisedVersion(a))).toBe(normalisedVersion(a));
        expect(compareVersions(a, normalisedVersion(a))).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with semver on what semver takes', () => {
    const strict = fc
      .record({
        numbers: fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12)),
        prerelease: fc.array(identifier, { maxLength: 3 }),
      })
      .map(({ numbers, prerelease }) => numbers.join('.') + (prerelease.length > 0 ? `-${prerelease.join('.')}` : ''))
      .filter((text) => semver.valid(text) !== null);
    fc.assert(
      fc.property(strict, strict, (a, b) => {
        expect(compareVersions(a, b)).toBe(semver.compare(a, b));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseVersion', () => {
  it('takes a number apart', () => {
    expect(parseVersion('v01.10-rc.02+build.5')).toEqual({
      text: 'v01.10-rc.02+build.5',
      segments: ['1', '10', '0'],
      prerelease: ['rc', '2'],
      build: 'build.5',
    });
  });

  test.each([
    '',
    ' 1.0',
    '1.0 ',
    'latest',
    'v',
    '-1',
    '1.',
    '.1',
    '1..0',
    '1.0.RELEASE',
    '1.0-',
    '1.0-rc..1',
    '1.0_1',
    '1.0/1',
    '1.0+',
    '1.0+a+b',
    '１.０',
    '1.0-ä',
    '1.0\n',
    '9'.repeat(longestVersion + 1),
  ])('refuses %j and says why', (text) => {
    expect(isVersion(text)).toBe(false);
    try {
      parseVersion(text);
      expect.unreachable();
    } catch (error) {
      expect(isWaybillError(error) && error.code).toBe('invalid-version');
      expect(isWaybillError(error) && error.details).toEqual({
        version: text,
        reason: expect.stringMatching(/\.$/) as string,
      });
    }
  });

  it('answers any text within the limit, with a version or with the reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        if (isVersion(text)) expect(compareVersions(text, text)).toBe(0);
      }),
    );
  });
});
