import { hasCode, isWaybillError, type ProgressBoard } from '@waybill/kernel';
import { setTimeout as pause } from 'node:timers/promises';
import type { CatalogDependencies } from './dependencies.js';

/** Work in the background of this server, at most one run for each id. */
export interface Runs<Id extends string> {
  /** Begins, or has a running one look again before it rests; returns at once. Does nothing on a server that carries nothing out. */
  start(id: Id): void;
  /** Resolves when this server has nothing left to do for it. */
  whenAtRest(id: Id): Promise<void>;
  /** Stops what runs for it, and waits for that. */
  halt(id: Id): Promise<void>;
  /** Stops all work and waits for it. */
  stop(): Promise<void>;
}

/** Bytes by which the room must have grown before what did not fit is tried again. */
const MORE_ROOM = 1_048_576;

interface Run {
  readonly controller: AbortController;
  /** Something changed while it ran: look again before resting. */
  again: boolean;
  done: Promise<void>;
}

/** @param carryOn goes on from what the log says, until there is nothing to do; what it throws is tried again after a while */
export function runs<Id extends string>(
  deps: CatalogDependencies,
  progress: ProgressBoard,
  operationOf: (id: Id) => string,
  carryOn: (id: Id, signal: AbortSignal) => Promise<void>,
): Runs<Id> {
  const running = new Map<Id, Run>();
  let stopped = false;

  async function carryOut(id: Id, run: Run): Promise<void> {
    const operation = operationOf(id);
    const { signal } = run.controller;
    while (run.again && !signal.aborted) {
      run.again = false;
      progress.report(operation, { step: 'waiting for its turn' });
      try {
        await carryOn(id, signal);
      } catch (error) {
        await rest(operation, run, error);
      }
    }
    running.delete(id);
    progress.clear(operation);
  }

  /** What was not settled by an event is tried again after a while; intent is in the log, so nothing is lost by waiting. */
  async function rest(operation: string, run: Run, error: unknown): Promise<void> {
    const { signal } = run.controller;
    if (signal.aborted) return;
    // Another server is at it: that is how it should be, and only a silent one is taken over from.
    if (!hasCode(error, 'claim-held')) deps.onError?.(error, operation);
    const reason = isWaybillError(error) ? error.message : 'an unexpected error; see the log of the server';
    progress.report(operation, { step: 'waiting to try again', reason });
    const least = hasCode(error, 'disk-full') ? (await free()) + MORE_ROOM : 0;
    try {
      do await pause(deps.retryAfter ?? 5000, undefined, { signal });
      while ((await free()) < least);
    } catch (ending) {
      if (!run.controller.signal.aborted) throw ending;
    }
    run.again = true;
  }

  /** A disk that cannot even be asked is tried again like anything else, and then tells why. */
  const free = () => deps.content.freeBytes().catch(() => Infinity);

  async function halt(run: Run | undefined): Promise<void> {
    run?.controller.abort();
    await run?.done;
  }

  return {
    start(id) {
      const present = running.get(id);
      if (present !== undefined) {
        present.again = true;
        return;
      }
      if (stopped || deps.carriesOut === false) return;
      const run: Run = { controller: new AbortController(), again: true, done: Promise.resolve() };
      running.set(id, run);
      run.done = carryOut(id, run);
    },
    whenAtRest: async (id) => running.get(id)?.done,
    halt: (id) => halt(running.get(id)),
    async stop() {
      stopped = true;
      await Promise.all([...running.values()].map(halt));
    },
  };
}
