import { describe, expect, it } from 'vitest';
import { attendance } from './attendance.js';

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 10, 21, 12, minute, second));
const idle = { running: false, changing: false };

describe('a time that has come', () => {
  it('is nothing when none has', () => {
    expect(attendance([], at(0), idle)).toEqual({ skip: [] });
  });

  it('is run when it is not long past', () => {
    expect(attendance([at(1)], at(1, 59), idle)).toEqual({ skip: [], run: at(1) });
    expect(attendance([at(1)], at(2), idle)).toEqual({ skip: [], run: at(1) });
  });

  it('was missed when no server was there, and is told once with how many there were', () => {
    expect(attendance([at(1), at(2), at(3)], at(4, 1), idle)).toEqual({
      skip: [{ due: at(3), reason: 'missed', times: 3 }],
    });
    expect(attendance([at(1), at(2), at(3)], at(3, 1), idle)).toEqual({
      skip: [{ due: at(2), reason: 'missed', times: 2 }],
      run: at(3),
    });
  });

  it('is skipped while the run before is on, or the instance is being changed', () => {
    expect(attendance([at(1)], at(1, 1), { running: true, changing: true })).toEqual({
      skip: [{ due: at(1), reason: 'overlap', times: 1 }],
    });
    expect(attendance([at(1)], at(1, 1), { running: false, changing: true })).toEqual({
      skip: [{ due: at(1), reason: 'record-open', times: 1 }],
    });
  });
});
