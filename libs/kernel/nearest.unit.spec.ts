import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.js';

const names = ['LOG_LEVEL', 'LOG_FORMAT', 'MYSQL_PASS', 'TZ'];

describe('what somebody may have meant', () => {
  it.each([
    ['LOG_LEVL', ['LOG_LEVEL']],
    ['log_level', ['LOG_LEVEL']],
    ['LOG', ['LOG_FORMAT', 'LOG_LEVEL']],
    ['PASS', ['MYSQL_PASS']],
    ['ZT', ['TZ']],
    ['NOTHING_LIKE_IT', []],
    ['', ['TZ']],
  ])('by %o is %o', (text, expected) => {
    expect(nearest(text, names)).toEqual(expected);
  });
  it('names three at most, the nearest first', () =>
    expect(nearest('ab', ['ac', 'ab', 'bb', 'cb', 'ad'])).toEqual(['ab', 'ac', 'ad']));
});
