import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { EventStore } from '../eventStore.js';
import { manualTime, temporaryStore, theServer, type ManualTime, type TemporaryStore } from '../testing/index.js';
import type { ClaimOptions } from './claim.js';
import { claims } from './claims.js';

const LEASE = 30_000;
const THIRD = LEASE / 3;

describe('claims', () => {
  let temporary: TemporaryStore;
  let time: ManualTime;
  beforeEach(async () => {
    temporary = await temporaryStore();
    time = manualTime();
  });
  afterEach(() => temporary.remove());

  const of = (runner: string, options: Partial<ClaimOptions> = {}) =>
    claims({
      store: temporary.store,
      clock: time.clock,
      sleep: time.sleep,
      runner,
      leaseMs: LEASE,
      actor: theServer,
      ...options,
    });
  const events = async (operation = 'op') => {
    const found: unknown[] = [];
    for await (const { type, data } of temporary.store.read(`claim-${operation}`)) found.push([type, data]);
    return found;
  };
  const eventCount = (count: number) =>
    vi.waitFor(async () => {
      expect(await events()).toHaveLength(count);
    });
  /** Waits until so many sleep for a third of the lease or less; longer is the patience with an append on its way. */
  const sleepers = (count: number) =>
    vi.waitFor(() => {
      expect(time.sleeping().filter((ms) => ms <= THIRD)).toHaveLength(count);
    });
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );
  const heldBy = (error: unknown) => (hasCode(error, 'claim-held') ? error.details : error);
  /** One third of a lease goes by, and so many are asleep again afterwards. */
  const aThirdPasses = async (asleep: number) => {
    await sleepers(asleep);
    time.advance(THIRD);
    await sleepers(asleep);
  };

  const taken = (runner: string, epoch: number) => ['claim-taken.v1', { runner, epoch, leaseMs: LEASE }];
  const renewed = (runner: string, epoch: number, renewal: number) => ['claim-renewed.v1', { runner, epoch, renewal }];
  const released = (runner: string, epoch: number) => ['claim-released.v1', { runner, epoch }];

  it('are taken, renewed every third of the lease, and given back', async () => {
    const claim = await of('a').acquire('op');
    await sleepers(1);
    time.advance(THIRD);
    await eventCount(2);
    await sleepers(1);
    time.advance(THIRD);
    await eventCount(3);
    await claim.release();
    await claim.release();
    expect([claim.operation, claim.epoch, claim.lost.aborted]).toStrictEqual(['op', 1, false]);
    expect(await events()).toStrictEqual([taken('a', 1), renewed('a', 1, 1), renewed('a', 1, 2), released('a', 1)]);
    expect(time.sleeping()).toStrictEqual([]);
  });

  it('go to whoever comes next once they are given back', async () => {
    await (await of('a').acquire('op')).release();
    const claim = await of('b').acquire('op', { onTakeOver: () => Promise.reject(new Error('nothing to take over')) });
    await claim.release();
    expect(await events()).toStrictEqual([taken('a', 1), released('a', 1), taken('b', 2), released('b', 2)]);
  });

  it('of different operations do not know each other', async () => {
    const runner = of('a');
    const [one, other] = [await runner.acquire('op'), await runner.acquire('other')];
    await Promise.all([one.release(), other.release()]);
    expect([await events('op'), await events('other')]).toStrictEqual([
      [taken('a', 1), released('a', 1)],
      [taken('a', 1), released('a', 1)],
    ]);
  });

  it('are not given out twice by one runner', async () => {
    const runner = of('a');
    const claim = await runner.acquire('op');
    const error = await failure(runner.acquire('op'));
    await claim.release();
    const again = await runner.acquire('op');
    await again.release();
    expect(heldBy(error)).toStrictEqual({ operation: 'op', runner: 'a' });
    expect(again.epoch).toBe(2);
  });

  it('are refused to others while their runner lives', async () => {
    const claim = await of('a').acquire('op');
    await sleepers(1);
    const error = failure(of('b').acquire('op'));
    await sleepers(2);
    time.advance(THIRD);
    await eventCount(2);
    await sleepers(2);
    time.advance(THIRD);
    expect(heldBy(await error)).toStrictEqual({ operation: 'op', runner: 'a' });
    expect(claim.lost.aborted).toBe(false);
    await claim.release();
  });

  it('go to another runner after a full lease without renewal, once it has told the process', async () => {
    await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    const atTakeOver: unknown[] = [];
    const claiming = of('b').acquire('op', {
      async onTakeOver() {
        atTakeOver.push(time.clock.monotonic(), await events());
      },
    });
    await aThirdPasses(1);
    await aThirdPasses(1);
    await sleepers(1);
    expect(atTakeOver).toStrictEqual([]);
    time.advance(THIRD);
    const claim = await claiming;
    expect(atTakeOver).toStrictEqual([LEASE, [taken('a', 1)]]);
    expect(await events()).toStrictEqual([taken('a', 1), taken('b', 2)]);
    await claim.release();
  });

  it('are taken as soon as they are given back to one who watches', async () => {
    const first = await of('a').acquire('op');
    await sleepers(1);
    const claiming = of('b').acquire('op');
    await sleepers(2);
    await first.release();
    time.advance(THIRD);
    const claim = await claiming;
    expect(await events()).toStrictEqual([taken('a', 1), released('a', 1), taken('b', 2)]);
    await claim.release();
  });

  it('go to one of two who watch', async () => {
    await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    const b = of('b').acquire('op');
    const c = failure(of('c').acquire('op'));
    await aThirdPasses(2);
    await aThirdPasses(2);
    await sleepers(2);
    time.advance(THIRD);
    const outcomes = await Promise.all([b.catch((error: unknown) => error), c]);
    const stream = await events();
    expect(stream).toHaveLength(2);
    const winner = (stream[1] as [string, { runner: string }])[1].runner;
    const loser = winner === 'b' ? outcomes[1] : outcomes[0];
    expect(heldBy(loser)).toStrictEqual({ operation: 'op', runner: winner });
  });

  it('are taken at once by the same runner after a restart, which ends the earlier claim', async () => {
    const before = await of('a').acquire('op');
    await sleepers(1);
    const after = await of('a').acquire('op', { onTakeOver: () => Promise.reject(new Error('it is our own')) });
    await sleepers(2);
    time.advance(THIRD);
    await vi.waitFor(() => {
      expect(before.lost.aborted).toBe(true);
    });
    expect(hasCode(before.lost.reason, 'claim-lost') && before.lost.reason.details).toStrictEqual({ operation: 'op' });
    await before.release();
    await eventCount(3);
    await after.release();
    expect(await events()).toStrictEqual([taken('a', 1), taken('a', 2), renewed('a', 2, 1), released('a', 2)]);
  });

  it('are lost by a runner that cannot renew for a lease, and kept by one that can again in time', async () => {
    let away = false;
    const store: Pick<EventStore, 'append' | 'read'> = {
      read: (...request) => temporary.store.read(...request),
      append: (...request) =>
        away
          ? Promise.reject(new WaybillError('store-unavailable', { reason: 'it is away.' }))
          : temporary.store.append(...request),
    };
    const claim = await of('a', { store }).acquire('op');
    away = true;
    await aThirdPasses(1);
    await aThirdPasses(1);
    expect(claim.lost.aborted).toBe(false);
    away = false;
    time.advance(LEASE / 12);
    await eventCount(2);
    away = true;
    await aThirdPasses(1);
    await aThirdPasses(1);
    time.advance(THIRD);
    await vi.waitFor(() => {
      expect(claim.lost.aborted).toBe(true);
    });
    await claim.release();
    expect(await events()).toStrictEqual([taken('a', 1), renewed('a', 1, 1)]);
  });

  it('are lost when the store does not answer at all', async () => {
    let silent = false;
    const store: Pick<EventStore, 'append' | 'read'> = {
      read: (...request) => temporary.store.read(...request),
      append: (...request) => (silent ? new Promise(() => undefined) : temporary.store.append(...request)),
    };
    const claim = await of('a', { store }).acquire('op');
    silent = true;
    await sleepers(1);
    time.advance(THIRD);
    await vi.waitFor(() => {
      expect(time.sleeping()).toStrictEqual([LEASE - THIRD]);
    });
    time.advance(LEASE - THIRD);
    await vi.waitFor(() => {
      expect(claim.lost.aborted).toBe(true);
    });
    await claim.release();
  });

  it('are found lost by a runner that stood still, before its timers tell it, and are not renewed by it', async () => {
    const claim = await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    time.advance(LEASE - 1);
    claim.assertHeld();
    time.advance(1);
    expect(() => claim.assertHeld()).toThrow('The operation op was taken over');
    expect(claim.lost.aborted).toBe(true);

    const late = await of('b').acquire('other');
    await sleepers(1);
    time.advance(LEASE);
    await vi.waitFor(() => {
      expect(late.lost.aborted).toBe(true);
    });
    await late.release();
    expect(await events('other')).toStrictEqual([taken('b', 1)]);
  });

  it('tell who takes them over at which epoch that will be', async () => {
    await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    const epochs: number[] = [];
    const onTakeOver = (epoch: number) => Promise.resolve(void epochs.push(epoch));
    const acquiring = of('b').acquire('op', { onTakeOver });
    await aThirdPasses(1);
    await aThirdPasses(1);
    time.advance(THIRD);
    const claim = await acquiring;
    expect([epochs, claim.epoch]).toStrictEqual([[2], 2]);
    await claim.release();
  });

  it('survive a renewal whose answer was lost', async () => {
    let answering = true;
    const store: Pick<EventStore, 'append' | 'read'> = {
      read: (...request) => temporary.store.read(...request),
      async append(...request) {
        const appended = await temporary.store.append(...request);
        if (!answering) throw new WaybillError('store-unavailable', { reason: 'the connection broke.' });
        return appended;
      },
    };
    const claim = await of('a', { store }).acquire('op');
    answering = false;
    await aThirdPasses(1);
    answering = true;
    await aThirdPasses(1);
    await aThirdPasses(1);
    await claim.release();
    expect(await events()).toStrictEqual([taken('a', 1), renewed('a', 1, 1), renewed('a', 1, 2), released('a', 1)]);
  });

  it('are not watched any longer when nobody wants them', async () => {
    await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    const stopping = new AbortController();
    const error = failure(of('b').acquire('op', { signal: stopping.signal }));
    await sleepers(1);
    stopping.abort(new Error('the server stops'));
    expect(String(await error)).toBe('Error: the server stops');
    expect(await events()).toStrictEqual([taken('a', 1)]);
  });

  it('are not taken when the process could not be told', async () => {
    await of('a', { sleep: () => new Promise(() => undefined) }).acquire('op');
    const error = failure(of('b').acquire('op', { onTakeOver: () => Promise.reject(new Error('no')) }));
    await aThirdPasses(1);
    await aThirdPasses(1);
    time.advance(THIRD);
    expect(String(await error)).toBe('Error: no');
    expect(await events()).toStrictEqual([taken('a', 1)]);
  });
});
