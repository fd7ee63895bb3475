import type { Instant } from '@waybill/kernel';
import { handle } from '@waybill/event-store';
import { runsDecider, runsStream, type RunEvent } from '../domain/runs.js';
import { runSerde } from '../domain/serde.js';
import type { DeliveryDependencies } from './dependencies.js';
import { serverContext } from './serverContext.js';

/**
 * Writes what became of a run, once: false when it was known.
 * @param at in the month of whose stream it stands: when it was due, for a job when its record was proposed
 */
export async function reportRun(
  deps: Pick<DeliveryDependencies, 'store' | 'clock' | 'actor'>,
  at: Instant,
  event: RunEvent,
): Promise<boolean> {
  const { instance, run } = event.data;
  const handling = { store: deps.store, clock: deps.clock, serde: runSerde, decider: runsDecider };
  const context = serverContext(deps, `${event.type}/${run}`);
  const { outcome } = await handle(handling, runsStream(instance, at), { type: 'report-run', event }, context);
  return outcome === 'done';
}
