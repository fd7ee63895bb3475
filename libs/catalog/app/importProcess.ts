import { hasCode, isWaybillError, type ImportId, type ProgressBoard } from '@waybill/kernel';
import { setTimeout as pause } from 'node:timers/promises';
import { isOpen, type Import } from '../domain/import.js';
import { importOperation } from '../domain/streams.js';
import { cleanUp, clearLeftovers } from './cleanUp.js';
import type { CatalogDependencies } from './dependencies.js';
import { reactionTo, type Reaction } from './failure.js';
import { loadImport, type LoadedImport } from './handling.js';
import { stageOf } from './importStages.js';
import {
  confirmInAdvance,
  enterCatalog,
  identifyFile,
  inspect,
  record,
  storeImages,
  type StepEnvironment,
} from './importSteps.js';
import { slots } from './slots.js';

/** Carries imports out in the background, each step at most once however often the server is killed. */
export interface ImportProcess {
  /** Carries on until a person has to decide or the import has ended; returns at once. Does nothing on a server that carries nothing out. */
  start(id: ImportId): void;
  /** Resolves when this server has nothing left to do for the import. */
  whenAtRest(id: ImportId): Promise<void>;
  /** Stops what runs for an import that was discarded, and removes what it staged. */
  abandon(id: ImportId): Promise<void>;
  /** Clears what earlier processes left behind and carries on with every unfinished import; tells which those are. */
  resumeAll(): Promise<readonly ImportId[]>;
  /** Stops all work and waits for it; the next start resumes it. */
  stop(): Promise<void>;
}

/** Bytes by which the room must have grown before an import that did not fit is tried again. */
const MORE_ROOM = 1_048_576;

interface Run {
  readonly controller: AbortController;
  /** Something changed while it ran: look again before resting. */
  again: boolean;
  done: Promise<void>;
}

export function importProcess(deps: CatalogDependencies, progress: ProgressBoard): ImportProcess {
  const runs = new Map<ImportId, Run>();
  const inSlot = slots(deps.parallel ?? 2);
  let stopped = false;

  function start(id: ImportId): void {
    const running = runs.get(id);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    if (stopped || deps.carriesOut === false) return;
    const run: Run = { controller: new AbortController(), again: true, done: Promise.resolve() };
    runs.set(id, run);
    run.done = carryOut(id, run);
  }

  async function carryOut(id: ImportId, run: Run): Promise<void> {
    const operation = importOperation(id);
    const { signal } = run.controller;
    while (run.again && !signal.aborted) {
      run.again = false;
      progress.report(operation, { step: 'waiting for its turn' });
      try {
        await carryOn({ deps, progress, inSlot }, id, signal);
      } catch (error) {
        await rest(operation, run, error);
      }
    }
    runs.delete(id);
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
    start,
    whenAtRest: async (id) => runs.get(id)?.done,
    async abandon(id) {
      await halt(runs.get(id));
      await cleanUp(deps, await loadImport(deps, id));
    },
    async resumeAll() {
      const open = await clearLeftovers(deps);
      open.forEach(start);
      return open;
    },
    async stop() {
      stopped = true;
      await Promise.all([...runs.values()].map(halt));
    },
  };
}

/** Is it the server's turn? */
const hasWork = (state: Import): boolean => isOpen(state) && (state.kind !== 'inspected' || state.request.confirm);

interface Workplace {
  readonly deps: CatalogDependencies;
  readonly progress: ProgressBoard;
  readonly inSlot: <T>(work: () => Promise<T>) => Promise<T>;
}

async function carryOn({ deps, progress, inSlot }: Workplace, id: ImportId, signal: AbortSignal): Promise<void> {
  const before = await loadImport(deps, id);
  if (!hasWork(before.state)) return cleanUp(deps, before);
  // Outside of the slot: watching another server's claim must not keep this one's own imports waiting.
  const claim = await deps.claims.acquire(importOperation(id), { signal, onTakeOver: () => takeOver(deps, id) });
  try {
    const environment = { deps, progress, signal: AbortSignal.any([signal, claim.lost]) };
    await cleanUp(deps, await inSlot(() => takeSteps(environment, id)));
  } finally {
    await claim.release();
  }
}

async function takeSteps(environment: StepEnvironment, id: ImportId): Promise<LoadedImport> {
  for (;;) {
    environment.signal.throwIfAborted();
    const current = await loadImport(environment.deps, id);
    if (!hasWork(current.state)) return current;
    await takeStep(environment, current);
  }
}

async function takeOver(deps: CatalogDependencies, id: ImportId): Promise<void> {
  const current = await loadImport(deps, id);
  if (isOpen(current.state))
    await record(deps, current, { type: 'take-over', import: id, runner: deps.runner }, current.last);
}

async function takeStep(environment: StepEnvironment, current: LoadedImport): Promise<void> {
  try {
    await stepOf(environment, current);
  } catch (error) {
    if (environment.signal.aborted) throw error;
    // What does not fit must not keep the log from fitting, nor anybody else.
    if (hasCode(error, 'disk-full'))
      await (await environment.deps.content.stage(importOperation(current.id))).discard();
    const reaction = reactionTo(error, current.requested.metadata.correlationId);
    if (reaction.kind === 'retry') throw error;
    environment.deps.onError?.(error, importOperation(current.id));
    await end(environment, await loadImport(environment.deps, current.id), reaction);
  }
}

async function stepOf(environment: StepEnvironment, current: LoadedImport): Promise<void> {
  const { state } = current;
  if (isOpen(state)) environment.progress.report(importOperation(current.id), stageOf(state.kind));
  switch (state.kind) {
    case 'reading':
      return inspect(environment, { ...current, state });
    case 'inspected':
      return confirmInAdvance(environment, { ...current, state });
    case 'storing':
      return storeImages(environment, { ...current, state });
    case 'cataloguing':
      return enterCatalog(environment, { ...current, state });
    case 'completed':
    case 'refused':
    case 'failed':
    case 'discarded':
      return;
  }
}

async function end(
  environment: StepEnvironment,
  current: LoadedImport,
  { kind, failure }: Extract<Reaction, { failure: unknown }>,
): Promise<void> {
  const { deps } = environment;
  const { id, state, requested } = current;
  // Discarded meanwhile, which may be what the step stumbled over.
  if (!isOpen(state)) return;
  if (state.kind === 'reading' && kind === 'refuse') {
    const revision = await identifyFile(environment, { ...current, state });
    await record(deps, { id, revision }, { type: 'refuse-package', import: id, failure }, requested);
  } else await record(deps, current, { type: 'fail-import', import: id, failure }, requested);
}
