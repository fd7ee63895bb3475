import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@waybill/kernel';
import { closedError, lateError, storeFailure } from './storeFailure.js';

/** How long to wait for what. Milliseconds. */
export interface Timeouts {
  /** For one answer of the server. */
  readonly answer: number;
  /** For a call of the port as a whole, attempts and pauses together, while the store is away. */
  readonly patience: number;
  /** Between two looks at the log's end by a subscription that has nothing to do. */
  readonly look: number;
}

export const defaultTimeouts: Timeouts = { answer: 5_000, patience: 10_000, look: 250 };

/** What waiting and trying again depend on. */
export interface Persistence {
  readonly timeouts: Timeouts;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** From 0 up to 1; spreads the attempts of many clients that lost the same server. */
  readonly random: () => number;
  /** Aborts when the store is closed. */
  readonly closing: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
/** The longest pause of somebody who is waited for, and of a subscription. */
export const longestPauses = { call: 500, subscription: 2_000 } as const;

/** Pause before attempt n + 1, from 1: doubled each time, with a random half. */
export function pauseBefore(attempt: number, random: () => number, longest: number = longestPauses.call): number {
  const whole = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(whole / 2 + (whole / 2) * random());
}

/** Sleeps; wakes early, and quietly, when any of the signals aborts. */
export async function pauseFor(milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void> {
  await delay(milliseconds, undefined, { signal: AbortSignal.any([...signals]) }).catch((error: unknown) => {
    if (!signals.some(({ aborted }) => aborted)) throw error;
  });
}

/**
 * Tries while the store is away and patience lasts; then throws what the last attempt threw. `attempt` counts from 1.
 * Whatever is tried must be safe to be carried out more than once.
 */
export async function persist<T>(persistence: Persistence, work: (attempt: number) => Promise<T>): Promise<T> {
  const { timeouts, clock, random, closing } = persistence;
  const deadline = clock.monotonic() + timeouts.patience;
  for (let attempt = 1; ; attempt += 1) {
    if (closing.aborted) throw closedError();
    try {
      return await work(attempt);
    } catch (error) {
      const pause = pauseBefore(attempt, random);
      if (storeFailure(error).kind !== 'away' || clock.monotonic() + pause > deadline) throw error;
      await pauseFor(pause, closing);
    }
  }
}

/** The answer, or `store-unavailable` when it does not come in time: the client itself may wait for ever. */
export async function inTime<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = delay(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw lateError(milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => undefined);
    done.abort();
  }
}
