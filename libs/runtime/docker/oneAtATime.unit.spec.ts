import { describe, expect, it } from 'vitest';
import { oneAtATime } from './oneAtATime.js';

/** Works that end when they are told to. */
function works() {
  const inTurn = oneAtATime();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    begin: (name: string, ...keys: readonly string[]) =>
      inTurn(keys, () => {
        begun.push(name);
        return new Promise<void>((resolve, reject) =>
          ends.set(name, name === 'broken' ? () => reject(new Error('broken')) : resolve),
        );
      }),
    end: (name: string) => ends.get(name)?.(),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('one at a time', () => {
  it('lets works wait for those before them with which they have a key in common, and for no others', async () => {
    const { begin, begun, end } = works();
    const all = [begin('first', 'a', 'b'), begin('second', 'b', 'c'), begin('third', 'c'), begin('apart', 'd')];
    await turn();
    expect(begun).toEqual(['first', 'apart']);
    end('first');
    await turn();
    expect(begun).toEqual(['first', 'apart', 'second']);
    end('second');
    await turn();
    expect(begun).toEqual(['first', 'apart', 'second', 'third']);
    end('third');
    end('apart');
    await Promise.all(all);
  });

  it('goes on after one that failed', async () => {
    const { begin, begun, end } = works();
    const broken = begin('broken', 'a');
    const next = begin('next', 'a');
    await turn();
    end('broken');
    await expect(broken).rejects.toThrow('broken');
    await turn();
    expect(begun).toEqual(['broken', 'next']);
    end('next');
    await next;
  });
});
