/** Measures how fast bytes pass. */
export interface RateMeter {
  /** So many bytes have passed by now. Fewer than before: it begins anew. */
  see(bytes: number): void;
  /** Bytes per second over the last seconds, until now; undefined before there is anything to measure. */
  rate(): number | undefined;
}

/** Milliseconds between two samples, and how many are kept: five seconds. */
const SPACING = 250;
const SAMPLES = 20;
/** A rate over less than this many milliseconds is a guess. */
const LEAST = 500;

/** @param now milliseconds that only go forward */
export function rateMeter(now: () => number): RateMeter {
  let samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  let seen = 0;
  return {
    see(bytes) {
      const at = now();
      if (bytes < seen) samples = [];
      seen = bytes;
      if (at - (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= SPACING)
        samples = [...samples.slice(1 - SAMPLES), { at, bytes }];
    },
    rate() {
      const [first] = samples;
      const elapsed = now() - (first?.at ?? now());
      return first === undefined || elapsed < LEAST ? undefined : ((seen - first.bytes) * 1000) / elapsed;
    },
  };
}

/** Seconds until `total` bytes have passed at this rate; undefined when that cannot be told. */
export const secondsLeft = (bytes: number, total: number, rate: number | undefined): number | undefined =>
  rate === undefined || rate <= 0 ? undefined : Math.ceil(Math.max(total - bytes, 0) / rate);
