import { performance } from 'node:perf_hooks';

/** Carries the work out, and prints how long it took and how many events that is a second. */
export async function timed(what, events, work) {
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    [
      what.padEnd(48),
      `${seconds.toFixed(1)} s`.padStart(9),
      `${Math.round(events / seconds)} events/s`.padStart(17),
    ].join(''),
  );
  return result;
}
