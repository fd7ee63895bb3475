import { afterEach, describe, expect, it } from 'vitest';
import { listenToFailpoints, withFailpoints } from './failpoint.js';

describe('a failpoint', () => {
  afterEach(() => listenToFailpoints(undefined));

  it('does nothing but the work when nobody listens, and does not even ask for its name', () => {
    const unasked = () => {
      throw new Error('asked');
    };
    expect(withFailpoints(unasked, () => 1)).toBe(1);
  });

  it('is passed before the work and after it, be it done at once, later, or in vain', async () => {
    const passed: string[] = [];
    listenToFailpoints((passing) => passed.push(passing));
    expect(withFailpoints('write', () => passed.push('work'))).toBe(2);
    await withFailpoints(
      () => 'rename',
      async () => {
        await Promise.resolve();
        passed.push('renamed');
      },
    );
    await expect(withFailpoints('call', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(passed).toStrictEqual([
      'write before',
      'work',
      'write after',
      'rename before',
      'renamed',
      'rename after',
      'call before',
      'call after',
    ]);
  });
});
