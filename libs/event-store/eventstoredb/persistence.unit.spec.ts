import { describe, expect, it } from 'vitest';
import { fixedClock, WaybillError } from '@waybill/kernel';
import { defaultTimeouts, inTime, longestPauses, pauseBefore, persist } from './persistence.js';

const away = () => new WaybillError('store-unavailable', { reason: 'gone' });

describe('pauses between attempts', () => {
  it('double up to a limit, and differ between servers', () => {
    const pauses = (longest: number) =>
      [1, 2, 3, 4, 5, 20, 10_000].map((attempt) => pauseBefore(attempt, () => 1, longest));
    expect(pauses(longestPauses.call)).toStrictEqual([50, 100, 200, 400, 500, 500, 500]);
    expect(pauses(longestPauses.subscription)).toStrictEqual([50, 100, 200, 400, 800, 2_000, 2_000]);
    expect(pauseBefore(3, () => 0)).toBe(100);
  });
});

describe('persistence', () => {
  const setUp = (patience: number) => {
    const clock = fixedClock();
    const closing = new AbortController();
    const persistence = {
      timeouts: { ...defaultTimeouts, patience },
      clock,
      random: () => 0,
      closing: closing.signal,
    };
    return { clock, closing, persistence };
  };

  it('ends with the first success', async () => {
    const { persistence } = setUp(10_000);
    const attempts: number[] = [];
    const answer = await persist(persistence, (attempt) => {
      attempts.push(attempt);
      return attempt < 3 ? Promise.reject(away()) : Promise.resolve('there');
    });
    expect([answer, attempts]).toStrictEqual(['there', [1, 2, 3]]);
  });

  it('ends when patience does, with the last failure', async () => {
    const { persistence, clock } = setUp(100);
    let attempts = 0;
    const trying = persist(persistence, () => {
      attempts += 1;
      clock.advance(40);
      return Promise.reject(away());
    });
    await expect(trying).rejects.toMatchObject({ code: 'store-unavailable', details: { reason: 'gone' } });
    expect(attempts).toBe(2);
  });

  it('does not try again what was refused', async () => {
    const { persistence } = setUp(10_000);
    let attempts = 0;
    const refused = { type: 'wrong-expected-version', actualVersion: 1n };
    const trying = persist(persistence, () => {
      attempts += 1;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the client's errors look
      return Promise.reject(refused);
    });
    await expect(trying).rejects.toBe(refused);
    expect(attempts).toBe(1);
  });

  it('ends when the store is closed', async () => {
    const { persistence, closing } = setUp(60_000);
    const trying = persist(persistence, () => {
      closing.abort();
      return Promise.reject(away());
    });
    await expect(trying).rejects.toMatchObject({
      code: 'store-unavailable',
      details: { reason: expect.stringContaining('closed') as string },
    });
  });
});

describe('an answer', () => {
  it('that does not come in time is not waited for', async () => {
    await expect(inTime(5, new Promise(() => undefined))).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('that comes in time is given on, failures too', async () => {
    expect(await inTime(1_000, Promise.resolve(1))).toBe(1);
    await expect(inTime(1_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
