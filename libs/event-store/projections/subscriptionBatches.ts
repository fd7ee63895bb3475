import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredEvent } from '../event.js';
import type { SubscriptionMessage } from '../eventStore.js';

/** Events that arrived together, and the position up to which nothing else is to be expected. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  readonly position: bigint;
}

/**
 * Gathers what a subscription yields: many events at once while it catches up, single ones without delay when it is live.
 * Abort the subscription when leaving early; this does not wait for it.
 */
export async function* subscriptionBatches(
  messages: AsyncIterable<SubscriptionMessage>,
  most: number,
): AsyncGenerator<Batch, void> {
  const iterator = messages[Symbol.asyncIterator]();
  const fetch = () => {
    const next = iterator.next();
    // It may fail while the batch before it is being worked on; the failure is met when it is awaited below.
    next.catch(() => undefined);
    return next;
  };
  let events: StoredEvent[] = [];
  let next = fetch();
  for (;;) {
    // With events at hand it waits for one turn only: what is live must not wait for more.
    const arrived = events.length === 0 ? await next : await Promise.race([next, nextTurn(undefined)]);
    if (arrived?.done === true) return;
    if (arrived !== undefined) next = fetch();
    if (arrived?.value.kind === 'event' && events.push(arrived.value.event) < most) continue;
    yield { events, position: endOf(events, arrived?.value) };
    events = [];
  }
}

function endOf(events: readonly StoredEvent[], message: SubscriptionMessage | undefined): bigint {
  const last = events.at(-1)?.position ?? -1n;
  return message?.kind === 'caught-up' && message.position > last ? message.position : last;
}
