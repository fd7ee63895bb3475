// The server that a suite runs against: a stand-in, or the genuine one that `npm run test:eventstoredb -- esdb://…` names.
import { startStandIn } from './standIn.mjs';

/** @param {{ folder?: string }} [options] */
export async function startTestServer(options) {
  const connectionString = process.env.WAYBILL_TEST_EVENTSTORE;
  if (connectionString === undefined) return startStandIn(options);
  const leave = async () => undefined;
  return { connectionString, restart: leave, stop: leave };
}
