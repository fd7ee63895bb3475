import { expect, test } from 'vitest';
import { freeAddress } from './addresses.js';

test('the lowest address that nothing has is given out, after the engine’s own', () => {
  expect(freeAddress('10.80.0.64/26', new Set())).toBe('10.80.0.66');
  expect(freeAddress('10.80.0.64/26', new Set(['10.80.0.66', '10.80.0.68']))).toBe('10.80.0.67');
  expect(freeAddress('10.255.255.0/24', new Set())).toBe('10.255.255.2');
});

test('a /26 has room for 61 containers, and says when it is full', () => {
  const taken = new Set<string>();
  for (let n = 0; n < 61; n += 1) taken.add(freeAddress('10.80.0.0/26', taken));
  expect(taken.size).toBe(61);
  expect(taken.has('10.80.0.62')).toBe(true);
  expect(() => freeAddress('10.80.0.0/26', taken)).toThrow(/no free address left/);
});
