import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startOrder, type After } from './order.js';

const after = (record: Readonly<Record<string, readonly string[]>>): After<string> =>
  new Map(Object.entries(record).map(([key, needs]) => [key, new Set(needs)]));

describe('the order of starting', () => {
  it('puts providers before those who use them', () => {
    expect(startOrder(after({ web: ['api', 'db'], api: ['db'], db: [] }))).toEqual([['db'], ['api'], ['web']]);
  });

  it('puts components that need one another in a round together', () => {
    expect(startOrder(after({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] }))).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('does not stumble over a need that is not there, or over itself', () => {
    expect(startOrder(after({ web: ['gone', 'web'] }))).toEqual([['web']]);
  });

  it('takes every key once, and never before what it needs outside its round', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const graphs = fc.dictionary(fc.constantFrom(...keys), fc.uniqueArray(fc.constantFrom(...keys)));
    fc.assert(
      fc.property(graphs, (graph) => {
        const batches = startOrder(after(graph));
        expect(batches.flat().sort()).toEqual(Object.keys(graph).sort());
        const place = new Map(batches.flatMap((batch, at) => batch.map((key) => [key, at] as const)));
        for (const [key, needs] of Object.entries(graph))
          for (const need of needs) expect(place.get(need) ?? 0).toBeLessThanOrEqual(place.get(key) ?? -1);
      }),
    );
  });
});
