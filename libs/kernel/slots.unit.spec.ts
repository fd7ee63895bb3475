import { describe, expect, it, vi } from 'vitest';
import { slots } from './slots.js';

describe('slots', () => {
  it('let so many run at once and the others in turn, also after one failed', async () => {
    const inSlot = slots(2);
    const begun: string[] = [];
    const finish = new Map<string, (error?: Error) => void>();
    const work = (name: string) =>
      inSlot(
        () =>
          new Promise<string>((resolve, reject) => {
            begun.push(name);
            finish.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
          }),
      );
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(work);
    expect(begun).toStrictEqual(['a', 'b']);
    finish.get('a')!(new Error('broken'));
    await expect(a).rejects.toThrow('broken');
    await vi.waitFor(() => expect(begun).toStrictEqual(['a', 'b', 'c']));
    finish.get('c')!();
    expect(await c).toBe('c');
    await vi.waitFor(() => expect(begun).toStrictEqual(['a', 'b', 'c', 'd']));
    finish.get('b')!();
    finish.get('d')!();
    expect(await Promise.all([b, d])).toStrictEqual(['b', 'd']);
  });
});
