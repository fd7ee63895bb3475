import { hasCode, WaybillError } from '@waybill/kernel';
import { appendToClaim, type ClaimEvent } from './claimEvents.js';
import type { Claim, ClaimOptions, Sleep } from './claim.js';
import { pause } from './pause.js';

interface Taken {
  readonly operation: string;
  readonly epoch: number;
  readonly revision: bigint;
  /** Monotonic time from which the lease counts. */
  readonly since: number;
}

/** Renews a claim that was taken, every third of its lease (more often after a failure), until it is released or lost. `onEnd` hears once that this runner is done with it. */
export function keepClaim(options: ClaimOptions & { readonly sleep: Sleep }, taken: Taken, onEnd: () => void): Claim {
  const { clock, runner, leaseMs, sleep } = options;
  const { operation, epoch } = taken;
  const lost = new AbortController();
  const stopping = new AbortController();
  let { revision, since } = taken;
  let released: Promise<void> | undefined;

  const left = () => since + leaseMs - clock.monotonic();
  const lose = (cause?: unknown) => lost.abort(new WaybillError('claim-lost', { operation }, { cause }));

  /** What went wrong with this renewal; nothing: it is done. */
  async function renew(renewal: number): Promise<unknown> {
    const sent = clock.monotonic();
    const answered = new AbortController();
    const event: ClaimEvent = { type: 'claim-renewed', data: { runner, epoch, renewal } };
    const appended = appendToClaim(options, operation, revision, event).then(
      (at) => ({ at }),
      (error: unknown) => ({ error }),
    );
    const late = pause(sleep, left(), answered.signal).then(() => ({
      error: new Error('the event store did not answer'),
    }));
    const outcome = await Promise.race([appended, late]);
    answered.abort();
    if ('error' in outcome) return outcome.error;
    revision = outcome.at;
    since = sent;
    return undefined;
  }

  async function renewUntilStopped(): Promise<void> {
    let renewal = 1;
    let wait = leaseMs / 3;
    for (;;) {
      await pause(sleep, Math.min(wait, left()), stopping.signal);
      if (stopping.signal.aborted) return;
      // Another may have watched the lease pass and be about to take over: renewing now would only get in its way.
      const failure = left() <= 0 ? new Error('the lease passed without a renewal') : await renew(renewal);
      if (failure === undefined) {
        renewal += 1;
        wait = leaseMs / 3;
      } else if (hasCode(failure, 'wrong-expected-revision') || left() <= 0) {
        lose(failure);
        return;
      } else wait = leaseMs / 12;
    }
  }

  const renewing = renewUntilStopped().catch(lose);

  async function giveBack(): Promise<void> {
    stopping.abort();
    await renewing;
    try {
      if (lost.signal.aborted) return;
      await appendToClaim(options, operation, revision, { type: 'claim-released', data: { runner, epoch } });
    } catch (error) {
      // Taken over in the meantime: there is nothing left to give back.
      if (!hasCode(error, 'wrong-expected-revision')) throw error;
    } finally {
      onEnd();
    }
  }

  return {
    operation,
    epoch,
    lost: lost.signal,
    assertHeld() {
      lost.signal.throwIfAborted();
      if (left() > 0) return;
      lose(new Error('the lease passed without a renewal'));
      lost.signal.throwIfAborted();
    },
    release: () => (released ??= giveBack()),
  };
}
