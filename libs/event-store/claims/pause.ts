import type { Sleep } from './claim.js';

/** Sleeping that ends early, and quietly, when the signal aborts. */
export async function pause(sleep: Sleep, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(Math.max(ms, 0), signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
