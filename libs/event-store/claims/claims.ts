import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { Claim, ClaimOptions, Claims, Sleep } from './claim.js';
import { appendToClaim, readClaim, type ClaimState } from './claimEvents.js';
import { keepClaim } from './keepClaim.js';
import { pause } from './pause.js';

const byTimer: Sleep = (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal });

/** The claims of one runner. */
export function claims(options: ClaimOptions): Claims {
  const { store, clock, runner, leaseMs, sleep = byTimer } = options;
  const mine = new Set<string>();

  async function take(operation: string, present: ClaimState): Promise<Claim> {
    const epoch = present.epoch + 1;
    // Before the append is sent: the lease is never longer for its holder than for those who watch it.
    const since = clock.monotonic();
    const event = { type: 'claim-taken', data: { runner, epoch, leaseMs } } as const;
    try {
      const revision = await appendToClaim(options, operation, present.revision, event);
      return keepClaim({ ...options, sleep }, { operation, epoch, revision, since }, () => mine.delete(operation));
    } catch (error) {
      if (!hasCode(error, 'wrong-expected-revision')) throw error;
      const now = await readClaim(store, operation);
      throw held(operation, now.kind === 'held' ? now.runner : 'another runner');
    }
  }

  /** Watches another runner's claim for a lease; returns it unchanged, or free. */
  async function watch(operation: string, seen: ClaimState & { kind: 'held' }, signal?: AbortSignal) {
    const since = clock.monotonic();
    for (;;) {
      const left = since + seen.leaseMs - clock.monotonic();
      if (left <= 0) return seen;
      await pause(sleep, Math.min(left, seen.leaseMs / 3), signal);
      signal?.throwIfAborted();
      const now = await readClaim(store, operation);
      if (now.kind === 'free') return now;
      if (now.revision !== seen.revision) throw held(operation, now.runner);
    }
  }

  return {
    async acquire(operation, { onTakeOver, signal } = {}) {
      if (mine.has(operation)) throw held(operation, runner);
      mine.add(operation);
      try {
        signal?.throwIfAborted();
        const present = await readClaim(store, operation);
        if (present.kind === 'free' || present.runner === runner) return await take(operation, present);
        const watched = await watch(operation, present, signal);
        if (watched.kind === 'held') await onTakeOver?.(watched.epoch + 1);
        signal?.throwIfAborted();
        return await take(operation, watched);
      } catch (error) {
        mine.delete(operation);
        throw error;
      }
    },
  };
}

const held = (operation: string, runner: string) => new WaybillError('claim-held', { operation, runner });
