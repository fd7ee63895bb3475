import { setTimeout as delay } from 'node:timers/promises';
import {
  hasCode,
  isWaybillError,
  progressBoard,
  type InstanceId,
  type Progress,
  type ProgressNews,
  type RecordId,
} from '@waybill/kernel';
import type { Claim } from '@waybill/event-store';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { handleInstance } from '../app/streams.js';
import { serverContext } from '../app/serverContext.js';
import { isOpen, rolloutOperation } from '../domain/instanceState.js';
import { carryOut } from './carryOut.js';
import type { RolloutOptions, Tell } from './context.js';
import { isEngineTrouble, isPassing, reasonOf } from './passing.js';
import { stepCount } from './stepCount.js';

/** Carries out records in the background, each under a claim, until they end. */
export interface RolloutRunner {
  /** Begins, or does nothing when it is running already, or when this server carries nothing out. */
  start(instance: InstanceId, record: RecordId): void;
  /** What is being done for a record right now; gone after a restart, when the record tells what has been done. */
  progress(record: RecordId): Progress | undefined;
  /** Calls back whenever there may be news of the record, until the returned function is called. */
  watch(record: RecordId, listener: (news: ProgressNews) => void): () => void;
  /** Stops after the step in hand; what is unfinished goes on at the next start. */
  close(): Promise<void>;
}

/** Milliseconds between attempts while the engine or the store is away. */
const PAUSES = [500, 1_000, 2_000, 5_000, 10_000];
/** Times that the engine may fail at a call before that decides the record. */
const ENGINE_TROUBLES = 4;
/** Times that something may fail in a way that nobody foresaw before that decides the record. */
const SURPRISES = 5;

export function rolloutRunner(deps: DeliveryDependencies): RolloutRunner {
  const running = new Map<RecordId, Promise<void>>();
  const board = progressBoard(deps.clock);
  const closing = new AbortController();

  async function run(instance: InstanceId, record: RecordId): Promise<void> {
    const claim = await acquire(deps, instance, record, closing.signal);
    if (claim === undefined) return;
    const signal = AbortSignal.any([closing.signal, claim.lost]);
    const operation = rolloutOperation(record);
    const steps = stepCount();
    const show: Tell = (step, more = {}) => board.report(operation, { ...more, step, steps: steps.now() });
    const tell: Tell = (step, more = {}) => {
      show(step, more);
      deps.log('info', more.reason === undefined ? step : `${step}: ${more.reason}`, { instance, record });
    };
    try {
      await untilEnded(deps, instance, record, { claim, signal, tell, show, steps });
    } finally {
      board.clear(operation);
      await claim.release();
    }
  }

  return {
    start(instance, record) {
      if (!deps.carriesOut || running.has(record) || closing.signal.aborted) return;
      const work = run(instance, record)
        .catch((error: unknown) => {
          if (closing.signal.aborted) return;
          const level = isPassing(error) ? 'warn' : 'error';
          deps.log(level, 'a rollout stopped here, and goes on later', { instance, record, error });
        })
        .finally(() => running.delete(record));
      running.set(record, work);
    },
    progress: (record) => board.of(rolloutOperation(record)),
    watch: (record, listener) => board.watch(rolloutOperation(record), listener),
    async close() {
      closing.abort();
      await Promise.allSettled(running.values());
    },
  };
}

async function acquire(
  deps: DeliveryDependencies,
  instance: InstanceId,
  record: RecordId,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  const operation = rolloutOperation(record);
  try {
    return await deps.claims.acquire(operation, {
      signal,
      onTakeOver: async (epoch) => {
        deps.log('warn', 'a rollout is taken over: its runner has not been heard of for a lease', { instance, record });
        await handleInstance(
          deps,
          instance,
          { type: 'take-over', operation, runner: deps.runner, epoch },
          serverContext(deps, `take-over/${operation}/${deps.ids.next()}`),
        );
        // What the former holder asked the engine for just before it lost the claim has been answered by then, or is given up.
        await delay(deps.engineTimeoutMs, undefined, { signal });
      },
    });
  } catch (error) {
    if (hasCode(error, 'claim-held') || hasCode(error, 'claim-lost')) return undefined;
    throw error;
  }
}

async function untilEnded(
  deps: DeliveryDependencies,
  instance: InstanceId,
  record: RecordId,
  options: Omit<RolloutOptions, 'passes'>,
): Promise<void> {
  let [troubles, surprises] = [0, 0];
  const passes = (error: unknown) =>
    isPassing(error) ||
    (isEngineTrouble(error) && ++troubles < ENGINE_TROUBLES) ||
    (!isWaybillError(error) && ++surprises < SURPRISES);
  for (let attempt = 0; ; attempt++) {
    try {
      const ended = await carryOut(deps, instance, record, { ...options, passes });
      if (!isOpen(ended)) return;
    } catch (error) {
      options.signal.throwIfAborted();
      // Another server announced that it takes over; this one comes back to it like to any other that is open.
      if (hasCode(error, 'claim-lost')) throw error;
      // Whatever it was, the record is open and must end: a person sees why it waits, and it goes on as soon as it can.
      deps.log(isPassing(error) ? 'warn' : 'error', 'a rollout waits', { instance, record, error });
      options.tell('waiting to try again', { reason: reasonOf(error) });
    }
    await delay(PAUSES[Math.min(attempt, PAUSES.length - 1)], undefined, { signal: options.signal });
  }
}
