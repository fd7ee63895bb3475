import { describe, expect, it } from 'vitest';
import { fixedClock } from './clock.js';
import { progressBoard, type Progress } from './progress.js';
import { rateMeter, secondsLeft } from './rateMeter.js';

const at = '2026-01-01T00:00:00.000Z';

describe('the progress of operations', () => {
  it('is what was reported last, and told to those who watch that operation', () => {
    const board = progressBoard(fixedClock(at));
    const heard: (Progress | undefined)[] = [];
    const stop = board.watch('import-1', () => heard.push(board.of('import-1')));
    board.report('import-1', { step: 'verifying', bytes: 1, total: 2 });
    board.report('import-2', { step: 'waiting' });
    board.clear('import-1');
    board.clear('import-1');
    stop();
    board.report('import-1', { step: 'storing' });
    expect(heard).toStrictEqual([{ step: 'verifying', bytes: 1, total: 2, at }, undefined]);
  });

  it('has a rate and a rest once there is something to measure, anew for every step', () => {
    const clock = fixedClock(at);
    const board = progressBoard(clock);
    for (const bytes of [0, 1_000, 2_000]) {
      board.report('o', { step: 'verifying', bytes, total: 10_000 });
      clock.advance(500);
    }
    expect(board.of('o')).toMatchObject({ rate: 1_333, remaining: 6 });
    board.report('o', { step: 'storing', bytes: 5, total: 10_000 });
    expect(board.of('o')).not.toHaveProperty('rate');
  });
});

describe('a rate', () => {
  it('falls while nothing passes, and begins anew when fewer bytes are seen than before', () => {
    const clock = fixedClock();
    const meter = rateMeter(() => clock.monotonic());
    expect(meter.rate()).toBeUndefined();
    meter.see(0);
    clock.advance(1_000);
    meter.see(4_000);
    expect(meter.rate()).toBe(4_000);
    clock.advance(1_000);
    expect(meter.rate()).toBe(2_000);
    meter.see(100);
    clock.advance(1_000);
    meter.see(400);
    expect(meter.rate()).toBe(300);
  });

  it('is that of the last seconds', () => {
    const clock = fixedClock();
    const meter = rateMeter(() => clock.monotonic());
    let bytes = 0;
    for (const each of [...Array<number>(40).fill(1_000_000), ...Array<number>(40).fill(250)]) {
      meter.see((bytes += each));
      clock.advance(250);
    }
    expect(meter.rate()).toBeCloseTo(950, 0);
  });

  it.each([
    [0, 100, 10, 10],
    [95, 100, 10, 1],
    [100, 100, 10, 0],
    [0, 100, 0, undefined],
    [0, 100, undefined, undefined],
  ])('%i of %i bytes at %s a second leave %s seconds', (bytes, total, rate, seconds) => {
    expect(secondsLeft(bytes, total, rate)).toBe(seconds);
  });
});
