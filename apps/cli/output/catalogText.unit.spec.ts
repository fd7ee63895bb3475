import { expect, it } from 'vitest';
import { differenceText } from './catalogText.js';

const variable = (value: string, more: object = {}) => ({
  name: 'ASKED',
  value,
  scope: 'own',
  editable: true,
  ...more,
});
const told = (before: unknown, after: unknown) =>
  differenceText({
    template: [],
    components: [
      {
        key: 'web',
        name: 'web',
        kind: 'changed',
        attributes: [{ item: 'env/ASKED', kind: 'changed', before, after }],
      },
    ],
  } as never).split('\n')[1];

it.each([
  ['a value that comes', variable(''), variable('please'), '"" → please'],
  ['a value that goes', variable('please'), variable(''), 'please → ""'],
  ['a value that is generated from now on', variable('x'), variable('', { secret: {} }), 'x → a generated value'],
])(
  'a difference says what a variable was and is, without the form it is kept in: %s',
  (_what, before, after, expected) => {
    expect(told(before, after)).toMatch(/ASKED: /);
    expect(told(before, after)?.split('ASKED: ')[1]).toBe(expected);
  },
);

it('tells all there is where the values are alike', () => {
  const [before, after] = [variable('x'), variable('x', { editable: false })];
  expect(told(before, after)?.split('ASKED: ')[1]).toBe(`${JSON.stringify(before)} → ${JSON.stringify(after)}`);
});
