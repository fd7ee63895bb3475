import type { StandIn } from './standIn.mjs';

/**
 * A stand-in of its own, or the genuine server that the environment names (`WAYBILL_TEST_EVENTSTORE`). A genuine one is shared, holds what
 * other suites wrote, and is neither restarted nor stopped: then `restart` and `stop` do nothing.
 */
export function startTestServer(options?: {
  readonly folder?: string;
}): Promise<Pick<StandIn, 'connectionString' | 'restart' | 'stop'>>;
