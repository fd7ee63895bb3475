import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type CanonicalValue } from './canonicalJson.js';
import { hasCode } from './errors.js';

const refusal = (value: unknown) => {
  try {
    return canonicalJson(value as CanonicalValue);
  } catch (error) {
    return hasCode(error, 'not-canonical') ? error.details : error;
  }
};

describe('canonical JSON', () => {
  it('orders members by the UTF-16 code units of their names (RFC 8785, 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toHaveLength(7);
    expect(canonicalJson(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it('orders numbers in names as text, in nested objects too', () => {
    expect(canonicalJson({ b: { 10: 1, 9: 2 }, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":{"10":1,"9":2}}');
  });

  it('escapes what must be escaped and nothing else (RFC 8785, 3.2.2.2)', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/\b\t\f\r\u007f\u2028é😀')).toBe(
      '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\u007f\u2028é😀"',
    );
  });

  it.each([
    [null, 'null'],
    [true, 'true'],
    [false, 'false'],
    [0, '0'],
    [-0, '0'],
    [-7, '-7'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['', '""'],
    [[], '[]'],
    [{}, '{}'],
    [[1, 'a', null, [false]], '[1,"a",null,[false]]'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: { c: undefined } })).toBe('{"b":{}}');
  });

  it('keeps a member called __proto__ as any other', () => {
    const value = JSON.parse('{"b":1,"__proto__":{"a":2}}') as CanonicalValue;
    expect(canonicalJson(value)).toBe('{"__proto__":{"a":2},"b":1}');
  });

  it.each([
    ['a fraction', { a: 0.5 }, '/a', 'the number 0.5, which is no safe integer'],
    ['an unsafe integer', [2 ** 53], '/0', 'the number 9007199254740992, which is no safe integer'],
    ['not-a-number', Number.NaN, '/', 'the number NaN, which is no safe integer'],
    ['a lone surrogate', { a: ['x\ud800'] }, '/a/0', 'a string with a lone surrogate'],
    ['a lone surrogate in a name', { '\udc00': 1 }, '/', 'a string with a lone surrogate'],
    ['a date', { at: new Date(0) }, '/at', 'an instance of a class'],
    ['bytes', new Uint8Array([1]), '/', 'an instance of a class'],
    ['a map', [new Map()], '/0', 'an instance of a class'],
    ['undefined in an array', [undefined], '/0', 'a undefined'],
    ['a big integer', 1n, '/', 'a bigint'],
    ['a function', { f: () => 1 }, '/f', 'a function'],
  ])('refuses %s, and says where it stands', (_, value, at, found) => {
    expect(refusal(value)).toStrictEqual({ at, found });
  });

  it('is the same for equal values, in whatever order they were built', () => {
    const name = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, fc.integer()), { selector: ([key]) => key }), (entries) => {
        const text = canonicalJson(Object.fromEntries(entries));
        expect(canonicalJson(Object.fromEntries([...entries].reverse()))).toBe(text);
        expect(canonicalJson(JSON.parse(text) as CanonicalValue)).toBe(text);
      }),
    );
  });
});
