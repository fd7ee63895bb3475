import { fixedClock, type Clock } from '@waybill/kernel';
import type { Sleep } from '../claims/claim.js';

export interface ManualTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** In how many milliseconds each of those who sleep now will wake. */
  sleeping(): readonly number[];
  /** Moves the clock and wakes those whose time has come. */
  advance(milliseconds: number): void;
}

/** Time that passes only when it is told to. */
export function manualTime(): ManualTime {
  const clock = fixedClock();
  const sleepers = new Set<{ readonly due: number; wake(): void }>();
  return {
    clock,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(new Error('aborted'));
          return;
        }
        const sleeper = {
          due: clock.monotonic() + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        const abort = () => {
          if (sleepers.delete(sleeper)) reject(new Error('aborted'));
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    sleeping: () => [...sleepers].map(({ due }) => due - clock.monotonic()),
    advance(milliseconds) {
      clock.advance(milliseconds);
      for (const sleeper of [...sleepers]) if (sleeper.due <= clock.monotonic()) sleeper.wake();
    },
  };
}
