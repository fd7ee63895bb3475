import { handle, workingOn, type CommandContext } from '@waybill/event-store';
import { WaybillError, type ExportId } from '@waybill/kernel';
import { LEAST_PART, layersHeldBy } from '@waybill/packaging';
import type { ExportState } from '../domain/export.js';
import type { ExportBase, ExportFormat } from '../domain/exportEvents.js';
import { exportId, exportIdOf, exportOperation, exportStream } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';
import { contentToExport } from './exportContent.js';
import { exportHandling, findExport, loadExport } from './exportHandling.js';
import type { ExportProcess } from './exportProcess.js';
import { mustBeOnOffer } from './handling.js';
import type { WriteOptions } from './imports.js';
import { asDocument } from './inspection.js';
import { mustCarry } from './mustCarry.js';
import { keyOf } from './templateKey.js';

export interface ExportOptions {
  /** Key or unambiguous name. */
  readonly template: string;
  readonly version: string;
  readonly format: ExportFormat;
  /** Leaves out the layers of another version, or those that a signed inventory lists, or a site's request for the others. `waybill` only. */
  readonly base?: { readonly version: string } | { readonly inventory: unknown };
  /** Bytes of the parts to give it out in. */
  readonly split?: number;
}

/** What a caller goes on with: the operation to poll, and the log's place to read after. */
export interface ExportAnswer {
  readonly export: ExportId;
  readonly operation: string;
  readonly state: ExportState;
  /** Of the export's stream; -1n: a dry run wrote nothing. */
  readonly revision: bigint;
  readonly position: bigint;
}

/** What people ask of exports; the work itself is the process's. */
export interface Exports {
  /**
   * @throws WaybillError `template-not-found`, `template-ambiguous`, `version-not-found`, `version-withdrawn`, `format-cannot-carry`, `blob-missing`, `inventory-invalid`,
   * `signing-key-missing`, `invalid-request` for a base of a format that has none, and parts that are too small
   */
  request(options: ExportOptions, context: CommandContext): Promise<ExportAnswer>;
  /** Removes the file for good, also of an export that is under way. @throws WaybillError `export-not-found`, `revision-mismatch` */
  remove(id: string, context: CommandContext, options: WriteOptions): Promise<ExportAnswer>;
}

export function exports(deps: CatalogDependencies, process: ExportProcess): Exports {
  const answer = (id: ExportId, handled: { state: { kind: ExportState }; revision: bigint; position: bigint }) => ({
    export: id,
    operation: exportOperation(id),
    state: handled.state.kind,
    revision: handled.revision,
    position: handled.position,
  });
  return {
    async request(options, context) {
      const id = exportIdOf(context.commandId);
      const working = workingOn(deps, context);
      // A repeated request is answered though the content may be gone by now.
      const known = await findExport(deps, id);
      const request = known?.state.request ?? (await checked(working, options));
      const command = { type: 'request-export', export: id, request } as const;
      const handled = await handle(exportHandling(working), exportStream(id), command, context);
      if (context.dryRun !== true) process.start(id);
      return answer(id, handled);
    },
    async remove(text, context, options) {
      const id = exportId(text);
      await loadExport(deps, id);
      const command = { type: 'remove-export', export: id } as const;
      const working = exportHandling(workingOn(deps, context));
      const handled = await handle(working, exportStream(id), command, context, options);
      if (context.dryRun !== true) await process.abandon(id);
      return answer(id, handled);
    },
  };
}

async function checked(deps: CatalogDependencies, { template: named, version, format, base, split }: ExportOptions) {
  const template = await keyOf(deps, named);
  if (base !== undefined && format !== 'waybill')
    throw new WaybillError('invalid-request', {
      reason: `only packages of the format waybill leave layers out; "${format}" has no base.`,
    });
  if (split !== undefined && split < LEAST_PART)
    throw new WaybillError('invalid-request', { reason: `parts have at least ${String(LEAST_PART)} bytes.` });
  if (format === 'waybill') deps.publisher();
  const kept = base === undefined ? undefined : await baseOf(deps, base);
  const request = {
    template,
    version,
    format,
    ...(kept === undefined ? {} : { base: kept }),
    ...(split === undefined ? {} : { split }),
  };
  await mustBeOnOffer(deps, template, version);
  const { added } = await contentToExport(deps, request);
  mustCarry(format, added.event.data);
  return { ...request, manifest: added.event.data.manifest };
}

async function baseOf(
  { documents }: CatalogDependencies,
  base: NonNullable<ExportOptions['base']>,
): Promise<ExportBase> {
  if ('version' in base) return base;
  layersHeldBy(base.inventory);
  return { inventory: await documents.putJson(asDocument(base.inventory as object)) };
}
