import { describe, expect, it, vi } from 'vitest';
import { progressBoard, type Progress } from './progress.js';
import { slots } from './slots.js';

describe('the progress of operations', () => {
  it('is what was reported last, and told to those who watch that operation', () => {
    const board = progressBoard();
    const heard: (Progress | undefined)[] = [];
    const stop = board.watch('import-1', (progress) => heard.push(progress));
    board.report('import-1', { step: 'reading', bytes: 1, total: 2 });
    board.report('import-2', { step: 'waiting' });
    expect(board.of('import-1')).toStrictEqual({ step: 'reading', bytes: 1, total: 2 });
    board.clear('import-1');
    board.clear('import-1');
    stop();
    board.report('import-1', { step: 'storing' });
    expect(heard).toStrictEqual([{ step: 'reading', bytes: 1, total: 2 }, undefined]);
  });
});

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
