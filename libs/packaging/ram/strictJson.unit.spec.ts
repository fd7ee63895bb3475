import { isWaybillError } from '@waybill/kernel';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { sortedJson } from './json.js';
import { parseStrictJson } from './strictJson.js';

const limits = { bytes: 10_000, depth: 8, values: 100 };
const parsed = (text: string) => parseStrictJson(new TextEncoder().encode(text), limits);

function failure(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (isWaybillError(error)) return { code: error.code, ...error.details };
    throw error;
  }
  return 'none';
}

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, to the same values', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
        fc.constantFrom(undefined, 1, '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          const read = parseStrictJson(new TextEncoder().encode(text), { bytes: 1e6, depth: 64, values: 1e6 });
          expect(JSON.parse(sortedJson(read))).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const damaged = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', '"', ',', '}', '[', '\\', 'e', '0', '-'))
      .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1));
    fc.assert(
      fc.property(damaged, (text) => {
        let accepted = true;
        try {
          JSON.parse(text);
        } catch {
          accepted = false;
        }
        if (!accepted) expect(failure(() => parsed(text))).toMatchObject({ code: 'package-metadata-invalid' });
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the digits of numbers and orders members', () => {
    expect(sortedJson(parsed('{"b":1.50,"a":[12345678901234567890,-0,1e3,7],"":0.1}'))).toBe(
      '{"":0.1,"a":[12345678901234567890,-0,1e3,7],"b":1.50}',
    );
  });

  it('takes a member called __proto__ or constructor as any other', () => {
    const read = parsed('{"__proto__":{"polluted":true},"constructor":1}');
    expect(sortedJson(read)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
    for (const inherited of ['toString', 'hasOwnProperty', 'valueOf']) expect(inherited in Object(read)).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps members that are called by numbers without making room for the numbers between', () => {
    const read = parsed('{"4294967294":1,"1000":2,"a":3,"0":4}');
    expect(sortedJson(read)).toBe('{"0":4,"1000":2,"4294967294":1,"a":3}');
    const text = `[${'{"1000":0},'.repeat(20_000)}0]`;
    const before = process.memoryUsage().heapUsed;
    const many = parseStrictJson(Buffer.from(text), { bytes: 1e6, depth: 64, values: 1e6 });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 ** 2);
    expect((many as unknown[]).length).toBe(20_001);
  });

  it('takes time by the length of the text, whatever it holds', () => {
    const texts = [
      '[[[[1]]]],'.repeat(200_000),
      '"\\n",'.repeat(200_000),
      `${' '.repeat(2_000_000)}1,`,
      '{"a":{"b":"c"}},'.repeat(120_000),
    ];
    for (const text of texts) {
      const began = performance.now();
      parseStrictJson(Buffer.from(`[${text}1]`), { bytes: 1e8, depth: 64, values: 1e8 });
      // The reader before took half a minute for as much.
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });

  it('skips a byte order mark', () => {
    expect(parsed('\ufeff[1]')).toEqual([1]);
  });

  test.each([
    ['{"a":{"b":1,"b":1}}', '/a/b', 'the member stands there twice.'],
    ['{"x~/y":[{"k":1,"\\u006b":2}]}', '/x~0~1y/0/k', 'the member stands there twice.'],
    ['["\\ud800"]', '/0', 'a text holds half of a surrogate pair.'],
    ['{"a":\n  tru}', '/a', 'a value was expected, but there is "t" (line 2, column 3).'],
    ['{"a":NaN}', '/a', 'a value was expected, but there is "N" (line 1, column 6).'],
    ['[01]', '/', '"," or "]" was expected, but there is "1" (line 1, column 3).'],
    ['[1,]', '/1', 'a value was expected, but there is "]" (line 1, column 4).'],
    ['{} {}', '/', 'nothing more was expected, but there is "{" (line 1, column 4).'],
    ['"a\u0001"', '/', 'no control character in a text was expected, but there is "\\u0001" (line 1, column 3).'],
    ['"abc', '/', 'the end of a text was expected, but there is the end (line 1, column 5).'],
    ['"\\x"', '/', 'a text holds an escape that JSON does not know (line 1, column 1).'],
    ['', '/', 'a value was expected, but there is the end (line 1, column 1).'],
  ])('refuses %j at %s', (text, at, reason) => {
    expect(failure(() => parsed(text))).toEqual({ code: 'package-metadata-invalid', at, reason });
  });

  it('refuses what is not UTF-8', () => {
    expect(failure(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22), limits))).toEqual({
      code: 'package-metadata-invalid',
      at: '/',
      reason: 'it is not UTF-8.',
    });
  });

  it('refuses more depth, more bytes and more values than the limits allow', () => {
    expect(parsed('['.repeat(8) + ']'.repeat(8))).toBeDefined();
    expect(failure(() => parsed('['.repeat(9) + ']'.repeat(9)))).toEqual({
      code: 'package-limit-exceeded',
      what: 'The depth of metadata.json',
      limit: 8,
      entry: '/0/0/0/0/0/0/0/0',
    });
    expect(failure(() => parsed(`[${'[],'.repeat(100)}1]`))).toEqual({
      code: 'package-limit-exceeded',
      what: 'The number of values in metadata.json',
      limit: 100,
      entry: '/99',
    });
    expect(failure(() => parsed(' '.repeat(10_001)))).toMatchObject({ code: 'package-limit-exceeded', limit: 10_000 });
  });
});
