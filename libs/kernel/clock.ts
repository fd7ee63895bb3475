/** RFC 3339 in UTC with milliseconds, e.g. `2026-11-21T10:00:00.000Z`. */
export type Instant = string;

/** What is known of the machine's clock: inside an air gap a time is a claim, not a fact. */
export interface ClockState {
  readonly source: 'system';
  readonly synchronised: 'yes' | 'no' | 'unknown';
}

export interface Clock {
  now(): Instant;
  /** Milliseconds that only go forward; for leases and deadlines, never for records. */
  monotonic(): number;
  state(): ClockState;
}

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  monotonic: () => performance.now(),
  state: () => ({ source: 'system', synchronised: 'unknown' }),
};

/** A clock that stands still until it is moved; for tests. */
export function fixedClock(
  start: Instant = '2026-01-01T00:00:00.000Z',
): Clock & { advance(milliseconds: number): void } {
  let elapsed = 0;
  return {
    now: () => new Date(Date.parse(start) + elapsed).toISOString(),
    monotonic: () => elapsed,
    state: () => ({ source: 'system', synchronised: 'unknown' }),
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
  };
}
