import { describe, expect, it } from 'vitest';
import { canonicalJson, isWaybillError } from '@waybill/kernel';
import { correlationIdOf } from './correlation.js';
import { etag, ifMatch } from './etag.js';
import { canonicalBody } from './jsonBody.js';
import { cursor, cursorKey, pageByPair, pageOf } from './paging.js';
import { positionOf, positionToken } from './position.js';

const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return isWaybillError(error) ? error.code : error;
  }
};

describe('a position token', () => {
  it('comes back as the position it was made of', () => {
    expect(positionOf('store-1', positionToken('store-1', 12_345_678_901_234_567n))).toBe(12_345_678_901_234_567n);
  });

  it.each([positionToken('store-2', 1n), 'rubbish', '', 'WyJzdG9yZS0xIiwiLTEiXQ', 'WyJzdG9yZS0xIl0'])(
    'is refused when it is not of this store: %s',
    (token) => {
      expect(codeOf(() => positionOf('store-1', token))).toBe('position-unknown');
    },
  );
});

describe('If-Match', () => {
  it('takes the ETag that was given out', () => {
    expect(ifMatch(etag(4n))).toBe(4n);
    expect(ifMatch('W/"4"')).toBe(4n);
  });

  it('asks for nothing when it is absent or a star', () => {
    expect([ifMatch(undefined), ifMatch('*')]).toEqual([undefined, undefined]);
  });

  it.each(['4', '"x"', '"1", "2"', ''])('is refused when it is %s', (header) => {
    expect(codeOf(() => ifMatch(header))).toBe('invalid-request');
  });
});

describe('a page of a list', () => {
  const letters = ['a', 'b', 'c', 'd', 'e'];
  const page = (query: { limit?: number; cursor?: string }) => pageOf('letters', letters, (letter) => letter, query);

  it('is followed by the next until the last, which names none', () => {
    const first = page({ limit: 2 });
    expect(first).toEqual({ items: ['a', 'b'], next: cursor('letters', ['b']) });
    const second = page({ limit: 2, cursor: first.next! });
    expect(second.items).toEqual(['c', 'd']);
    expect(page({ limit: 2, cursor: second.next! })).toEqual({ items: ['e'] });
  });

  it('of a list sorted by two texts is asked for behind the last item of the one before', async () => {
    const pairs = [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
    ] as const;
    const find = (limit: number, after: readonly [string, string] = ['', '']) =>
      pairs.filter((pair) => pair.join() > after.join()).slice(0, limit);
    const first = await pageByPair('pairs', { limit: 2 }, find, (pair) => pair);
    expect(first).toEqual({ items: [pairs[0], pairs[1]], next: cursor('pairs', ['a', '2']) });
    expect(await pageByPair('pairs', { cursor: first.next }, find, (pair) => pair)).toEqual({ items: [pairs[2]] });
    await expect(pageByPair('others', { cursor: first.next }, find, (pair) => pair)).rejects.toMatchObject({
      code: 'cursor-invalid',
    });
  });

  it('refuses the cursor of another list, and what is none', () => {
    expect(codeOf(() => page({ cursor: cursor('numbers', ['b']) }))).toBe('cursor-invalid');
    expect(codeOf(() => page({ cursor: '%%%' }))).toBe('cursor-invalid');
    expect(codeOf(() => cursorKey('letters', cursor('letters', ['a', 'b']), 1))).toBe('cursor-invalid');
  });
});

describe('a correlation id', () => {
  it('is the caller’s when it is sane', () => {
    expect(correlationIdOf({ 'x-correlation-id': 'pipeline-42:deploy' })).toBe('pipeline-42:deploy');
  });

  it('is that of the caller’s trace when no other is given', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(correlationIdOf({ traceparent })).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(correlationIdOf({ traceparent, 'x-correlation-id': 'pipeline-42' })).toBe('pipeline-42');
    expect(correlationIdOf({ traceparent: traceparent.replace(/4bf\w+36/, '0'.repeat(32)) })).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it.each(['short', 'has space in it', 'line\nbreak-in-it', 'x'.repeat(129), undefined])(
    'is made anew instead of %j',
    (given) => {
      expect(correlationIdOf(given === undefined ? {} : { 'x-correlation-id': given })).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('the canonical form of a body', () => {
  it('has one text for what JSON can hold, and different texts for different bodies', () => {
    const text = (json: string) => canonicalJson(canonicalBody(JSON.parse(json)));
    expect(text('{"b":1.5,"a":[1,null,"\\ud800"]}')).toBe('{"a":[1,null,{"utf16":"00d8"}],"b":{"number":"1.5"}}');
    expect(text('{"a":1e400}')).not.toBe(text('{"a":1}'));
    expect(canonicalBody(undefined)).toBeNull();
  });
});
