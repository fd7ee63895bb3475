import type { StoredLayer } from '@waybill/content-store';
import { followUpContext, handle, statesOf } from '@waybill/event-store';
import { slots, WaybillError, type Digest, type ExportId, type ProgressBoard } from '@waybill/kernel';
import { indexName, MOST_PARTS, partCount, partableName, partHasher, partsIndexBytes } from '@waybill/packaging';
import { exportDecider, type ExportCommand } from '../domain/exportDecider.js';
import type { Export } from '../domain/export.js';
import type { ExportedFile, ExportedParts } from '../domain/exportEvents.js';
import { exportSerde } from '../domain/serde.js';
import { exportOperation, exportStream } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';
import { exportContent } from './exportContent.js';
import { exportFiles, type ExportFiles } from './exportFiles.js';
import { exportHandling, loadExport, type LoadedExport } from './exportHandling.js';
import { packageToWrite } from './exportPackage.js';
import { reactionTo } from './failure.js';
import { followKeys } from './publisherKeys.js';
import { runs, type Runs } from './runs.js';

/** Carries exports out in the background; one that was killed half way is written anew from what was stored. */
export interface ExportProcess extends Pick<Runs<ExportId>, 'start' | 'whenAtRest' | 'stop'> {
  /** Stops what runs for an export that was removed, and removes its file. */
  abandon(id: ExportId): Promise<void>;
  /** Removes files that belong to no export and carries on with every unfinished one. */
  resumeAll(): Promise<void>;
}

interface Environment {
  readonly deps: CatalogDependencies;
  readonly files: ExportFiles;
  readonly progress: ProgressBoard;
}

export function exportProcess(deps: CatalogDependencies, progress: ProgressBoard): ExportProcess {
  const files = exportFiles(deps.exportsDir, deps.runner);
  const environment = { deps, files, progress };
  const inSlot = slots(deps.parallel ?? 2);
  const work = runs<ExportId>(deps, progress, exportOperation, (id, signal) =>
    carryOn(environment, id, signal, inSlot),
  );
  return {
    ...work,
    async abandon(id) {
      await work.halt(id);
      await cleanUp(environment, await loadExport(deps, id));
    },
    async resumeAll() {
      // Listed before the log is read: an export that begins meanwhile is then not in the lists, or is in the log.
      const lying = new Set([...(await files.list()), ...(await stagedFor(deps))]);
      const exports = await allExports(deps);
      for (const id of lying)
        await cleanUp(environment, { id, state: exports.get(id) ?? exportDecider.initialState() });
      for (const [id, { kind }] of exports) if (kind === 'writing') work.start(id);
    },
  };
}

async function carryOn(
  environment: Environment,
  id: ExportId,
  signal: AbortSignal,
  inSlot: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const { deps } = environment;
  const before = await loadExport(deps, id);
  if (before.state.kind !== 'writing') return cleanUp(environment, before);
  const onTakeOver = async () => {
    const current = await loadExport(deps, id);
    await record(deps, current, { type: 'take-over', export: id, runner: deps.runner }, current.last);
  };
  // Outside of the slot: watching another server's claim must not keep this one's own exports waiting.
  const claim = await deps.claims.acquire(exportOperation(id), { signal, onTakeOver });
  try {
    const both = AbortSignal.any([signal, claim.lost]);
    await inSlot(async () => write(environment, await loadExport(deps, id), both));
    await cleanUp(environment, await loadExport(deps, id));
  } finally {
    await claim.release();
  }
}

async function write(environment: Environment, current: LoadedExport, signal: AbortSignal): Promise<void> {
  const { deps } = environment;
  if (current.state.kind !== 'writing') return;
  try {
    const file = await writePackage(environment, current, signal);
    await record(deps, current, { type: 'complete-export', export: current.id, file });
  } catch (error) {
    if (signal.aborted) throw error;
    const reaction = reactionTo(error, current.requested.metadata.correlationId);
    if (reaction.kind === 'retry') throw error;
    deps.onError?.(error, exportOperation(current.id));
    const { failure } = reaction;
    await record(deps, await loadExport(deps, current.id), { type: 'fail-export', export: current.id, failure });
  }
}

const STEPS = 2;

async function writePackage({ deps, files, progress }: Environment, current: LoadedExport, signal: AbortSignal) {
  const { id, state } = current;
  const { request } = state;
  const operation = exportOperation(id);
  const content = await exportContent(deps, request);
  const layers = await compressed({ id, content: deps.content }, content.layers, signal, (bytes, total) =>
    progress.report(operation, { step: 'compressing the layers', steps: { done: 0, total: STEPS }, bytes, total }),
  );
  if (request.format === 'waybill') await followKeys(deps);
  const { name, signer, bytes, size } = await packageToWrite(request, content, layers, { ...deps, signal });
  const { split } = request;
  mustBeFew(size, split);
  const parts = split === undefined ? undefined : partHasher(split);
  const counted = async function* () {
    let done = 0;
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      parts?.update(chunk);
      yield chunk;
      done = Math.min(done + chunk.length, size);
      progress.report(operation, {
        step: 'writing the package',
        steps: { done: 1, total: STEPS },
        bytes: done,
        total: size,
      });
    }
  };
  const written = await files.write(id, counted(), size);
  const signed = signer === undefined ? {} : { signer };
  if (parts === undefined || split === undefined) return { name, ...written, ...signed };
  const file = { name: partableName(name), ...written, ...signed };
  mustBeFew(file.size, split);
  return { ...file, parts: await indexed(deps, file, split, parts.digests()) };
}

/** The index in the log: whoever has only that can still tell which part is which. */
async function indexed(
  { documents }: Pick<CatalogDependencies, 'documents'>,
  { name, digest, size }: Pick<ExportedFile, 'name' | 'digest' | 'size'>,
  partSize: number,
  parts: readonly Digest[],
): Promise<ExportedParts> {
  const bytes = partsIndexBytes({ schema: 1, package: { name, digest, size }, partSize, parts });
  const index = await documents.put(bytes);
  return { index, name: indexName(name), size: bytes.length, partSize, count: parts.length };
}

/** @throws WaybillError `invalid-request` */
function mustBeFew(size: number, partSize: number | undefined): void {
  if (partSize === undefined || partCount(size, partSize) <= MOST_PARTS) return;
  throw new WaybillError('invalid-request', {
    reason: `the package has ${String(size)} bytes, and parts of ${String(partSize)} would be more than ${String(MOST_PARTS)}.`,
  });
}

/** Each layer once and for all: what was compressed before is there already. */
async function compressed(
  { id, content }: { readonly id: ExportId } & Pick<CatalogDependencies, 'content'>,
  diffIds: readonly Digest[],
  signal: AbortSignal,
  tell: (bytes: number, total: number) => void,
): Promise<ReadonlyMap<Digest, StoredLayer>> {
  const sizes = new Map<Digest, number>();
  for (const diffId of diffIds) sizes.set(diffId, (await content.layer(diffId))?.size ?? 0);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const layers = new Map<Digest, StoredLayer>();
  const staging = await content.stage(exportOperation(id));
  let done = 0;
  for (const diffId of diffIds) {
    signal.throwIfAborted();
    tell(done, total);
    layers.set(diffId, await staging.compressLayer(diffId));
    done += sizes.get(diffId) ?? 0;
  }
  return layers;
}

/** The file stays while it is wanted; an export that is being written is left alone. */
async function cleanUp(
  { deps, files }: Environment,
  { id, state }: { readonly id: ExportId; readonly state: Export },
): Promise<void> {
  if (state.kind === 'writing') return;
  await (await deps.content.stage(exportOperation(id))).discard();
  switch (state.kind) {
    case 'completed':
      return files.removePartials(id);
    case 'absent':
    case 'failed':
    case 'removed':
      return files.remove(id);
  }
}

/** At the revision the step was begun at: a runner that was taken over is stopped by `revision-mismatch`. */
async function record(
  deps: CatalogDependencies,
  at: LoadedExport,
  command: ExportCommand,
  cause = at.requested,
): Promise<void> {
  const context = followUpContext(cause, `${command.type} ${at.id}`, deps.actor);
  await handle(exportHandling(deps), exportStream(at.id), command, context, { expectedRevision: at.revision });
}

/** Exports that have a staging area. */
async function stagedFor({ content }: CatalogDependencies): Promise<readonly ExportId[]> {
  const names = await content.listStaging();
  return names.filter((name) => name.startsWith('export-')).map((name) => name.slice('export-'.length) as ExportId);
}

const allExports = ({ store }: CatalogDependencies) =>
  statesOf(store, exportSerde, exportDecider, 'export-') as Promise<ReadonlyMap<ExportId, Export>>;
