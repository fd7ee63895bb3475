import type { Clock } from '@waybill/kernel';
import type { Actor } from '../event.js';
import type { EventStore } from '../eventStore.js';

/** The right to carry out an operation, for as long as it is renewed; renewing goes on by itself until it is released. */
export interface Claim {
  readonly operation: string;
  /** Grows with every taking; of two runners that believe they hold it, the higher one is right. */
  readonly epoch: number;
  /** Aborts, with `claim-lost` as its reason, when the claim was taken over or could not be renewed in time: stop at once. */
  readonly lost: AbortSignal;
  /**
   * Looks at the clock: to be called right before an effect, since a process that stood still goes on before its timers tell it that it did.
   * @throws WaybillError `claim-lost` when it was lost, or its lease has passed without a renewal
   */
  assertHeld(): void;
  /** Gives the claim back; to be called in any case, lost or not. Calling it twice does nothing. @throws WaybillError `store-unavailable` */
  release(): Promise<void>;
}

export interface Claims {
  /**
   * Takes the claim of an operation before its first effect. When another runner has it, this watches for the length of its lease and takes
   * it over only when nothing moved. A runner of the same name is this one before a restart: its claim is taken at once.
   * @param options.onTakeOver is awaited before a claim of another runner is taken, with the epoch it is taken at: appends `taken-over` to the
   * process's own stream, so that the other's next append is refused, and waits as long as a call of the engine may take
   * @param options.signal ends the watching; what it was aborted with is thrown
   * @throws WaybillError `claim-held` when another one has it, or this one has it already; `store-unavailable`
   */
  acquire(
    operation: string,
    options?: { readonly onTakeOver?: (epoch: number) => Promise<void>; readonly signal?: AbortSignal },
  ): Promise<Claim>;
}

/** Resolves after so many milliseconds; may reject early when the signal aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface ClaimOptions {
  readonly store: Pick<EventStore, 'append' | 'read'>;
  readonly clock: Clock;
  /** Names this server; two that run at the same time must differ. */
  readonly runner: string;
  readonly leaseMs: number;
  readonly actor: Actor;
  readonly sleep?: Sleep;
}
