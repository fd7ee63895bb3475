import { performance } from 'node:perf_hooks';

/** Carries the work out and answers how many seconds it took, with what it gave. */
export async function timed(work) {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1_000, result };
}
