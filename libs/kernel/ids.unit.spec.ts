import { describe, expect, it } from 'vitest';
import { hasCode } from './errors.js';
import {
  componentKey,
  countingIds,
  derivedId,
  eventIdOf,
  isUuid,
  randomIds,
  templateKey,
  type CommandId,
} from './ids.js';

/** Computed with another implementation of UUIDv5. */
const GOLDEN = {
  derived: [
    'cf496629-334a-5c1b-b2e0-a0acdb6782b4',
    'c5937e18-a561-527f-a876-dabdf52e75de',
    'e0c39c6f-b640-5510-8e7a-4b725565237a',
  ],
  events: ['492432aa-afb2-5ca1-9a94-aa32f286647a', 'a04387ef-4f6a-5983-9e7b-16b6b0dff6fe'],
};

const refusal = (call: () => unknown) => {
  try {
    return call();
  } catch (error) {
    return hasCode(error, 'invalid-key') ? error.details : error;
  }
};

describe('derived ids', () => {
  it('never change: logs and ledgers already hold them', () => {
    expect([derivedId('a'), derivedId('a', 'b'), derivedId('é', '')]).toStrictEqual(GOLDEN.derived);
    expect([0, 1].map((index) => eventIdOf(derivedId('a') as CommandId, index))).toStrictEqual(GOLDEN.events);
  });

  it('differ whenever any part does, wherever the parts are cut', () => {
    const ids = [['ab'], ['a', 'b'], ['', 'ab'], ['ab', ''], ['b', 'a'], ['1:a'], []].map((parts) =>
      derivedId(...parts),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are UUIDs of version 5', () => {
    const ids = Array.from({ length: 50 }, (_, n) => derivedId('n', String(n)));
    expect(ids.filter((id) => !isUuid(id) || id[14] !== '5')).toStrictEqual([]);
  });
});

describe('sources of ids', () => {
  it('count in tests', () => {
    const ids = countingIds();
    expect([ids.next(), ids.next()]).toStrictEqual([
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002',
    ]);
    expect(isUuid(countingIds().next())).toBe(true);
  });

  it('are random elsewhere', () => {
    const [one, other] = [randomIds.next(), randomIds.next()];
    expect([isUuid(one), isUuid(other), one === other]).toStrictEqual([true, true, false]);
  });
});

describe('a UUID', () => {
  it.each([
    'not-a-uuid',
    '6F0D6C1E-2B4F-5A0E-9C55-9A1A3C7D2E10',
    '6f0d6c1e2b4f5a0e9c559a1a3c7d2e10',
    '6f0d6c1e-2b4f-5a0e-cc55-9a1a3c7d2e10',
    '6f0d6c1e-2b4f-5a0e-9c55-9a1a3c7d2e10\n',
    '00000000-0000-0000-0000-000000000000',
  ])('is not %j', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});

describe('a key', () => {
  it.each(['a', 'A.b_c-1', '0123456789abcdef0123456789abcdef', 'x'.repeat(127)])('may be %s', (text) => {
    expect([templateKey(text), componentKey(text)]).toStrictEqual([text, text]);
  });

  it.each(['', '-a', '.a', '_a', 'a b', 'a/b', 'é', 'a\n', '..', 'x'.repeat(128)])('may not be %j', (text) => {
    expect([refusal(() => templateKey(text)), refusal(() => componentKey(text))]).toStrictEqual([
      { what: 'template key', key: text },
      { what: 'component key', key: text },
    ]);
  });
});
