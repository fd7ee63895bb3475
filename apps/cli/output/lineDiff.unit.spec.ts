import { describe, expect, it } from 'vitest';
import { lineDiff } from './lineDiff.js';

const drawn = (before: string, after: string) =>
  lineDiff(before, after).map(({ kind, text }) => ({ same: ' ', removed: '-', added: '+' })[kind] + text);

describe('the difference of two texts', () => {
  it('keeps the longest common part', () => {
    expect(drawn('a\nb\nc\nd\n', 'a\nc\nx\nd\n')).toEqual([' a', '-b', ' c', '+x', ' d']);
  });

  it('takes an empty text for no lines', () => {
    expect(drawn('', 'a\nb')).toEqual(['+a', '+b']);
    expect(drawn('a\r\n', '')).toEqual(['-a']);
  });

  it('finds nothing where only the kind of line ends differs', () => {
    expect(drawn('a\r\nb\r\n', 'a\nb')).toEqual([' a', ' b']);
  });

  it('gives up on common lines of very long texts, between their common ends', () => {
    const lines = (word: string) => Array.from({ length: 600 }, (_, i) => `${word}${i}`).join('\n');
    const found = drawn(`first\n${lines('a')}\nlast`, `first\n${lines('b')}\nlast`);
    expect([found.length, found[0], found[1], found[601], found.at(-1)]).toEqual([
      1202,
      ' first',
      '-a0',
      '+b0',
      ' last',
    ]);
  });
});
