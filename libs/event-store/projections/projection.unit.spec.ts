import { describe, expect, it } from 'vitest';
import { unionOf } from './projection.js';

describe('the streams of several projections', () => {
  it('are those of each, without what another prefix covers', () => {
    const filters = [['bird-', 'fish-'], ['bird-1', 'bird-'], ['fis'], ['stone-']].map((prefixes) => ({
      filter: { prefixes },
    }));
    expect(unionOf(filters)).toStrictEqual({ prefixes: ['bird-', 'fis', 'stone-'] });
  });
});
