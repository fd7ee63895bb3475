import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cyclesIn } from './cycles.js';

const graph = (edges: Record<string, readonly string[]>) => new Map(Object.entries(edges));

describe('cyclesIn', () => {
  it('finds each ring once, and no way that only leads to one', () => {
    const edges = {
      z: ['a'],
      a: ['b'],
      b: ['c', 'gone'],
      c: ['a', 'x'],
      x: ['y'],
      y: ['x'],
      self: ['self'],
      alone: [],
    };
    expect(cyclesIn(graph(edges))).toEqual([['a', 'b', 'c'], ['self'], ['x', 'y']]);
  });

  it('agrees with following every path', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const reaches = (edges: ReadonlyMap<string, readonly string[]>, from: string) => {
      const seen = new Set<string>();
      const visit = (at: string) => {
        for (const next of edges.get(at) ?? []) {
          if (seen.has(next)) continue;
          seen.add(next);
          visit(next);
        }
      };
      visit(from);
      return seen;
    };
    fc.assert(
      fc.property(fc.dictionary(key, fc.uniqueArray(key)), (record) => {
        const edges = graph(record);
        const inRings = [...edges.keys()].filter((at) => reaches(edges, at).has(at));
        const rings = cyclesIn(edges);
        expect(rings.flat().sort()).toEqual(inRings.sort());
        for (const ring of rings)
          for (const member of ring) expect([...reaches(edges, member)]).toEqual(expect.arrayContaining([...ring]));
      }),
      { numRuns: 500 },
    );
  });

  it('is not overwhelmed by a ring of a hundred thousand', () => {
    const size = 100_000;
    const edges = new Map(Array.from({ length: size }, (_, i) => [`k${i}`, [`k${(i + 1) % size}`]]));
    expect(cyclesIn(edges)[0]?.length).toBe(size);
  });
});
