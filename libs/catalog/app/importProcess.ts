import { hasCode, slots, type ImportId, type ProgressBoard } from '@waybill/kernel';
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
import { lostParts } from './parts.js';
import { runs } from './runs.js';

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

export function importProcess(deps: CatalogDependencies, progress: ProgressBoard): ImportProcess {
  const inSlot = slots(deps.parallel ?? 2);
  const work = runs<ImportId>(deps, progress, importOperation, (id, signal) =>
    carryOn({ deps, progress, inSlot }, id, signal),
  );
  return {
    ...work,
    async abandon(id) {
      await work.halt(id);
      await cleanUp(deps, await loadImport(deps, id));
    },
    async resumeAll() {
      const open = await clearLeftovers(deps);
      for (const id of open) work.start(id);
      return open;
    },
  };
}

/** Is it the server's turn? */
const hasWork = (state: Import): boolean =>
  isOpen(state) && state.kind !== 'collecting' && (state.kind !== 'inspected' || state.request.confirm);

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
    if (await takesItBack(environment, current, error)) return;
    const reaction = reactionTo(error, current.requested.metadata.correlationId);
    if (reaction.kind === 'retry') throw error;
    environment.deps.onError?.(error, importOperation(current.id));
    await end(environment, await loadImport(environment.deps, current.id), reaction);
  }
}

/** Parts that are gone or damaged are to come again; nothing else of the import is lost. */
async function takesItBack({ deps }: StepEnvironment, current: LoadedImport, error: unknown): Promise<boolean> {
  const lost = lostParts(error);
  if (current.state.kind !== 'reading' || lost === undefined) return false;
  deps.onError?.(error, importOperation(current.id));
  // Each time is one of its own, so it follows from what was last, not from the request.
  await record(deps, current, { type: 'lose-parts', import: current.id, ...lost }, current.last);
  return true;
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
    case 'collecting':
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
