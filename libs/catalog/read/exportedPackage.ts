import { WaybillError, type ExportId } from '@waybill/kernel';
import type { CatalogDependencies } from '../app/dependencies.js';
import { exportFiles } from '../app/exportFiles.js';
import { loadExport } from '../app/exportHandling.js';
import type { ExportedFile } from '../domain/exportEvents.js';
import { exportId } from '../domain/streams.js';

/** A package that can be given out. */
export interface ExportedPackage extends ExportedFile {
  readonly id: ExportId;
  /** On this disk. */
  readonly path: string;
}

/** @throws WaybillError `export-not-found`, `export-not-ready` */
export async function exportedPackage(deps: CatalogDependencies, text: string): Promise<ExportedPackage> {
  const id = exportId(text);
  const { state } = await loadExport(deps, id);
  if (state.kind !== 'completed') throw new WaybillError('export-not-ready', { export: id, state: state.kind });
  return { id, ...state.file, path: exportFiles(deps.exportsDir, deps.runner).pathOf(id) };
}
