import { describe, expect, it } from 'vitest';
import { severalAtOnce } from './severalAtOnce.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('several at once', () => {
  it('are begun in their order, as many at the same time as allowed, and answered in their order', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = severalAtOnce(2, ['a', 'b', 'c'], async (one, index) => {
      begun.push(index);
      await new Promise<void>((resolve) => (ends[index] = resolve));
      return one.toUpperCase();
    });
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    ends[2]?.();
    ends[0]?.();
    expect(await all).toEqual(['A', 'B', 'C']);
    expect(await severalAtOnce(2, [], () => Promise.reject(new Error('there is nothing to do')))).toEqual([]);
  });

  it('begin no other when one fails, and are waited for', async () => {
    const begun: string[] = [];
    let ended = false;
    const all = severalAtOnce(2, ['slow', 'broken', 'never'], async (one) => {
      begun.push(one);
      if (one === 'broken') throw new Error('broken');
      await turn();
      ended = true;
    });
    await expect(all).rejects.toThrow('broken');
    expect(begun).toEqual(['slow', 'broken']);
    expect(ended).toBe(true);
  });
});
