import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EventId } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { SubscriptionMessage } from '../eventStore.js';
import { subscriptionBatches } from './subscriptionBatches.js';

const event = (position: bigint): StoredEvent => ({
  id: `event-${position}` as EventId,
  type: 'noted.v1',
  data: {},
  metadata: {},
  stream: 's',
  revision: position,
  position,
});
const message = (position: bigint): SubscriptionMessage => ({ kind: 'event', event: event(position) });
const end = (position: bigint): SubscriptionMessage => ({ kind: 'caught-up', position });

async function positionsOf(messages: AsyncIterable<SubscriptionMessage>) {
  const found: unknown[] = [];
  for await (const { events, position } of subscriptionBatches(messages, 3))
    found.push([events.map((each) => each.position), position]);
  return found;
}

describe('batches of a subscription', () => {
  it('are full while it catches up, and end where the log ends', async () => {
    async function* messages() {
      for (const n of [1n, 2n, 3n, 4n]) yield await Promise.resolve(message(n));
      yield end(9n);
      yield end(12n);
    }
    expect(await positionsOf(messages())).toStrictEqual([
      [[1n, 2n, 3n], 3n],
      [[4n], 9n],
      [[], 12n],
    ]);
  });

  it('do not keep events back when nothing follows for a while', async () => {
    async function* messages() {
      yield message(1n);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      yield message(2n);
      yield end(2n);
    }
    expect(await positionsOf(messages())).toStrictEqual([
      [[1n], 1n],
      [[2n], 2n],
    ]);
  });

  it('fail as the subscription does, after what arrived before', async () => {
    const found: bigint[] = [];
    async function* messages(): AsyncGenerator<SubscriptionMessage> {
      for (const n of [1n, 2n, 3n]) yield await Promise.resolve(message(n));
      throw new Error('the connection broke');
    }
    const reading = (async () => {
      for await (const batch of subscriptionBatches(messages(), 3)) {
        found.push(batch.position);
        for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      }
    })();
    await expect(reading).rejects.toThrow('the connection broke');
    expect(found).toStrictEqual([3n]);
  });
});
