import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { interpolate, type Variables } from './interpolate.js';
import { readEnvFile } from './envFile.js';
import { composeNoticeCodes } from './noticeCodes.js';
import { bytesOf, secondsOf } from './units.js';

const variables: Variables = {
  stated: new Map([
    ['A', 'one'],
    ['EMPTY', ''],
  ]),
  generated: new Set(['PASS']),
};
const text = (from: string) => interpolate(from, variables)?.text;

describe('variables of a Compose file', () => {
  it.each([
    ['$A-${A}', 'one-one'],
    ['${EMPTY-x}|${EMPTY:-x}|${NO-y}|${NO:-z}', '|x|y|z'],
    ['${A:+set}|${EMPTY:+set}|${EMPTY+set}|${NO+set}', 'set||set|'],
    ['${NO:-${A:-deep}}/${NO:-${NO:-deep}}', 'one/deep'],
    ['$$A $${A}', '$A ${A}'],
    ['a${PASS}b', 'a**None:PASS**b'],
    ['${NO}', ''],
  ])('%s becomes %s', (from, to) => {
    expect(text(from)).toBe(to);
  });

  it.each(['$', '${', '${A', '${1}', '$1', 'a$ b', '${A b}'])('%s is refused', (from) => {
    expect(text(from)).toBeUndefined();
  });

  it('that have no value are known', () => {
    expect(interpolate('${NO}${NO:?must}${A}', variables)).toMatchObject({
      unset: ['NO', 'NO'],
      names: ['NO', 'NO', 'A'],
    });
  });
});

it('an environment file is read as Compose reads it', () => {
  const wrong: number[] = [];
  const lines = readEnvFile(
    `# a\nA=b # c\nexport Q="x\\n\${A}" # d\nS='$A'\nE=\nP=$A\n no name\nH=a#b`,
    variables,
    (line) => wrong.push(line),
  );
  expect(lines.map(({ name, value }) => [name, value.text])).toEqual([
    ['A', 'b'],
    ['Q', 'x\none'],
    ['S', '$A'],
    ['E', ''],
    ['P', 'one'],
    ['H', 'a#b'],
  ]);
  expect(wrong).toEqual([7]);
});

it('sizes and durations are read as Compose reads them', () => {
  expect(['512m', '1gb', '100', '1.5k', '1x', ''].map(bytesOf)).toEqual([
    536_870_912,
    1_073_741_824,
    100,
    1536,
    undefined,
    undefined,
  ]);
  expect(['1m30s', '500ms', '2h', '5', ''].map(secondsOf)).toEqual([90, 1, 7200, undefined, undefined]);
});

it('every notice code is explained in docs/formats.md, and no other', () => {
  const guide = readFileSync(new URL('../../../docs/formats.md', import.meta.url), 'utf8');
  const section = /### Notices about Compose files\n(?<table>[^#]*)/.exec(guide)?.groups?.['table'] ?? '';
  const explained = [...section.matchAll(/^\| `(?<code>[a-z-]+)` +\|/gm)].map((row) => row.groups?.['code']);
  expect(explained).toEqual([...composeNoticeCodes]);
});
