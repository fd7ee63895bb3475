import { handle, readStream, workingOn, type CommandContext } from '@waybill/event-store';
import { WaybillError, type ImportId } from '@waybill/kernel';
import type { ImportState } from '../domain/import.js';
import type { Acceptance } from '../domain/importEvents.js';
import type { ImportCommand } from '../domain/importDecider.js';
import { importSerde } from '../domain/serde.js';
import { importId, importIdOf, importOperation, importStream } from '../domain/streams.js';
import { assertAcceptable } from '../domain/verdict.js';
import { prepareConfirmation } from './confirmation.js';
import type { CatalogDependencies } from './dependencies.js';
import { importHandling, loadImport } from './handling.js';
import type { ImportProcess } from './importProcess.js';
import type { FileLocation } from './packageFile.js';
import { findExisting, indexOf, keepUploads, partIn, requestedSource, type ReceivedPart } from './parts.js';

export interface ImportOptions {
  readonly source: FileLocation;
  /** Take it into the catalog without asking a person, when nothing speaks against it. */
  readonly confirm?: boolean;
  /** The number to take it under, when confirmed in advance. */
  readonly version?: string;
  /** Take it though it is not signed, or not by anybody who is trusted here. Who may say so is for the caller to check. */
  readonly accept?: Acceptance;
}

/** What a caller goes on with: the operation to poll, and the log's place to read after. */
export interface ImportAnswer {
  readonly import: ImportId;
  readonly operation: string;
  readonly state: ImportState;
  /** Of the import's stream; -1n: a dry run wrote nothing. */
  readonly revision: bigint;
  readonly position: bigint;
}

export interface WriteOptions {
  /** If-Match: the revision that the caller read. */
  readonly expectedRevision?: bigint | undefined;
}

/** What people ask of imports; the work itself is the process's. */
export interface Imports {
  /**
   * The file is a package, or the index of a split one.
   * @throws WaybillError `package-path-refused`, `package-not-found`, `upload-not-found`, `parts-index-invalid`, `idempotency-key-reused`
   */
  request(options: ImportOptions, context: CommandContext): Promise<ImportAnswer>;
  /**
   * Takes a part of a split package, in whatever order they come; with the last one the package is read. A part that is there already changes nothing.
   * @throws WaybillError `import-not-found`, `import-not-collecting`, `part-differs`, `part-unknown`, `package-path-refused`, `package-not-found`,
   * `upload-not-found`
   */
  receivePart(id: string, part: FileLocation, context: CommandContext): Promise<ImportAnswer>;
  /**
   * @throws WaybillError `import-not-found`, `import-not-confirmable`, `version-content-differs`, `version-spelling-clash`,
   * `invalid-version`, `revision-mismatch`
   */
  confirm(
    id: string,
    version: string | undefined,
    context: CommandContext,
    options: WriteOptions,
  ): Promise<ImportAnswer>;
  /** @throws WaybillError `import-not-found`, `import-finished`, `revision-mismatch` */
  discard(id: string, context: CommandContext, options: WriteOptions): Promise<ImportAnswer>;
}

export function imports(deps: CatalogDependencies, process: ImportProcess): Imports {
  const write = async (command: ImportCommand, context: CommandContext, options: WriteOptions) => {
    const { state, revision, position } = await handle(
      importHandling(workingOn(deps, context)),
      importStream(command.import),
      command,
      context,
      options,
    );
    return {
      import: command.import,
      operation: importOperation(command.import),
      state: state.kind,
      revision,
      position,
    };
  };

  return {
    async request({ source, confirm = false, version, accept }, context) {
      const id = importIdOf(context.commandId);
      // A repeated request is answered though its file may be gone by now.
      const known = await exists(deps, id);
      const found = known
        ? { source: (await loadImport(deps, id)).state.request.source, parts: [] }
        : await requestedSource(workingOn(deps, context), source);
      const request = {
        source: found.source,
        confirm,
        ...(version === undefined ? {} : { version }),
        ...(accept === undefined ? {} : { accept }),
      };
      const answer = await write({ type: 'request-import', import: id, request, parts: found.parts }, context, {});
      if (context.dryRun !== true) process.start(id);
      return answer;
    },

    async receivePart(text, location, context) {
      const id = importId(text);
      const { state } = await loadImport(deps, id);
      const { source } = state.request;
      if (source.kind !== 'parts') throw new WaybillError('import-not-collecting', { import: id, state: state.kind });
      // A repeated request is answered though its file may be gone by now.
      const received =
        (await recordedPart(deps, id, context)) ?? (await partIn(deps, await indexOf(deps, source), location));
      const before = state.parts?.get(received.part);
      const isGone = before !== undefined && (await findExisting(deps, before)) === undefined;
      const answer = await write({ type: 'receive-part', import: id, ...received, isGone }, context, {});
      if (context.dryRun === true) return answer;
      const now = await loadImport(deps, id);
      await keepUploads(deps, now.state, new Date(deps.clock.now()));
      process.start(id);
      return answer;
    },

    async confirm(text, version, context, options) {
      const id = importId(text);
      const { state } = await loadImport(deps, id);
      if (!('facts' in state)) throw new WaybillError('import-not-confirmable', { import: id, state: state.kind });
      const prepared = await prepareConfirmation(workingOn(deps, context), state.facts, {
        version: version ?? state.request.version,
        automatic: false,
      });
      if (state.kind === 'inspected')
        assertAcceptable(prepared.verdict, prepared.template, prepared.confirmation.version);
      const { confirmation } = prepared;
      const answer = await write({ type: 'confirm-import', import: id, confirmation }, context, options);
      if (context.dryRun !== true) process.start(id);
      return answer;
    },

    async discard(text, context, options) {
      const id = importId(text);
      const answer = await write({ type: 'discard-import', import: id }, context, options);
      if (context.dryRun !== true) await process.abandon(id);
      return answer;
    },
  };
}

async function exists(deps: CatalogDependencies, id: ImportId): Promise<boolean> {
  for await (const _ of deps.store.read(importStream(id))) return true;
  return false;
}

/** What this very command recorded before. */
async function recordedPart(
  { store }: CatalogDependencies,
  id: ImportId,
  { commandId }: CommandContext,
): Promise<ReceivedPart | undefined> {
  for await (const { event, metadata } of readStream(store, importSerde, importStream(id)))
    if (event.type === 'part-received' && metadata.commandId === commandId) return event.data;
  return undefined;
}
