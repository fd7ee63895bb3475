import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandWords } from './commandWords.js';

describe('commandWords', () => {
  test.each([
    ['', []],
    ['  \t\n ', []],
    ['nginx -g "daemon off;"', ['nginx', '-g', 'daemon off;']],
    ['sh -c \'echo "$HOME" | wc -c\'', ['sh', '-c', 'echo "$HOME" | wc -c']],
    ['a\\ b c', ['a b', 'c']],
    [`--name='it'"'"'s'`, [`--name=it's`]],
    [`"a\\"b" "c\\\\d" "e\\f" "\\$x"`, ['a"b', 'c\\d', 'e\\f', '$x']],
    [`'' ""`, ['', '']],
    ['a && b > c', ['a', '&&', 'b', '>', 'c']],
    ['one \\\n two', ['one', 'two']],
    ['"one\\\ntwo"', ['onetwo']],
  ])('splits %j as a shell does', (line, words) => {
    expect(commandWords(line)).toEqual(words);
  });

  test.each([`'open`, `"open`, `"open\\`, 'end\\'])('refuses %j, which has no end', (line) => {
    expect(() => commandWords(line)).toThrow(expect.objectContaining({ code: 'template-invalid' }));
  });

  test('gives back any words that were quoted', () => {
    const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(commandWords(words.map(quoted).join(' '))).toEqual(words);
      }),
    );
  });
});
