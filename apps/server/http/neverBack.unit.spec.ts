import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { OperationDto, ProgressDto } from './dto/operation.dto.js';
import { eventId, markAfter, markIn, neverBack, start } from './neverBack.js';

const at = '2026-01-01T00:00:00.000Z';
const progress = (done: number, bytes?: number, total = 100): ProgressDto => ({
  step: 'loading',
  steps: { done, total: 6 },
  ...(bytes === undefined ? {} : { bytes, total, rate: 10, remaining: 1 }),
  at,
});

describe('progress towards a listener', () => {
  it('is shown as it is while it goes forward', () => {
    expect(neverBack(progress(2, 50), { steps: 1, bytes: 90 })).toEqual(progress(2, 50));
    expect(neverBack({ step: 'waiting', at }, { steps: 3, bytes: 0 })).toEqual({ step: 'waiting', at });
  });

  it('shows what was reached while that is done a second time', () => {
    expect(neverBack(progress(2, 10), { steps: 2, bytes: 70 })).toEqual({
      step: 'loading',
      steps: { done: 2, total: 6 },
      bytes: 70,
      total: 100,
      at,
    });
    expect(neverBack(progress(0, 10), { steps: 4, bytes: 0 })).toEqual({
      step: 'loading',
      steps: { done: 4, total: 6 },
      at,
    });
  });

  it('never falls, whatever is reported and wherever the listener comes back', () => {
    const reports = fc.array(fc.tuple(fc.nat(6), fc.option(fc.nat(100)), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(reports, (all) => {
        let mark = start;
        let [steps, bytes] = [0, 0];
        for (const [done, passed, comesBack] of all) {
          const shown = neverBack(progress(done, passed ?? undefined), mark);
          mark = markAfter(shown, mark);
          if (comesBack) mark = markIn(eventId({ progress: shown } as OperationDto, mark));
          expect(shown.steps!.done).toBeGreaterThanOrEqual(steps);
          if (shown.steps!.done > steps) bytes = 0;
          expect(shown.bytes ?? bytes).toBeGreaterThanOrEqual(bytes);
          [steps, bytes] = [shown.steps!.done, shown.bytes ?? bytes];
        }
      }),
    );
  });

  it.each([undefined, '', '1', '-1.2.000000000000', '1.2.xyz', `${'9'.repeat(40)}.1.000000000000`])(
    'begins at the start after the id %j, which is none of ours',
    (id) => {
      expect(markIn(id)).toEqual(start);
    },
  );
});
