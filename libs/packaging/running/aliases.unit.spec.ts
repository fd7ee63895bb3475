import { expect, it } from 'vitest';
import { component, manifest } from '../testing/manifests.js';
import { aliasesOf, calledOf } from './aliases.js';
import { hostNamesOf } from './hostName.js';
import type { Running } from './items.js';

/** What each component answers to, by what its author called it; in the order of the keys `a`, `b`, … */
function names(hints: readonly string[], taken: readonly string[] = []) {
  const template = manifest(
    '1.0',
    hints.map((hostHint, index) => component(String.fromCharCode(97 + index), { hostHint })),
  );
  const hosts = hostNamesOf(template, new Set(taken));
  const running: Running['components'] = Object.fromEntries(
    template.components.map((one) => {
      const host = hosts.get(one.key) ?? '';
      const called = calledOf(one, host);
      return [one.key, { key: one.key, name: one.name, host, items: {}, ...(called === undefined ? {} : { called }) }];
    }),
  );
  return Object.values(running).map((one) => [one.host, ...aliasesOf(one, { components: running })]);
}

it.each([
  [['db'], [['db']]],
  [
    ['my_db', 'Web'],
    [
      ['my-db', 'my_db'],
      ['web', 'Web'],
    ],
  ],
  [
    ['shop.db', '_db'],
    [
      ['shop-db', 'shop.db'],
      ['db', '_db'],
    ],
  ],
])('a component answers to the name that its author gave it: %j', (hints, expected) => {
  expect(names(hints)).toEqual(expected);
});

it.each([
  ['the name that can be given as it stands goes first', ['a_b', 'a-b'], [['a-b-2', 'a_b'], ['a-b']]],
  [
    'a number does not take what another one is called',
    ['a_b', 'a-b', 'a-b-2'],
    [['a-b-3', 'a_b'], ['a-b'], ['a-b-2']],
  ],
  ['capitals count for nothing', ['Web', 'web'], [['web-2'], ['web']]],
  ['the first of two by key has the alias', ['a_B', 'A_b'], [['a-b', 'a_B'], ['a-b-2']]],
])('two components never answer to one name: %s', (_what, hints, expected) => {
  expect(names(hints)).toEqual(expected);
});

it('a name that something else has is not given, but is answered to when it is free', () => {
  expect(names(['db'], ['db'])).toEqual([['db-2', 'db']]);
});

it.each(['a b', 'x'.repeat(64), '数据库', 'a..b'])('what no engine takes for a name is none: %j', (hint) => {
  expect(calledOf({ hostHint: hint }, 'a')).toBeUndefined();
});
