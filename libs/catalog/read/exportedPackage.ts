import { sha256, WaybillError, type Digest, type ExportId } from '@waybill/kernel';
import { parsePartsIndex, partsOf } from '@waybill/packaging';
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
  /** Where in that file it begins; absent: it is the file. */
  readonly at?: number;
}

/** A small file that goes with a package. */
export interface ExportedBytes {
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** @throws WaybillError `export-not-found`, `export-not-ready` */
export async function exportedPackage(deps: CatalogDependencies, text: string): Promise<ExportedPackage> {
  const id = exportId(text);
  const { state } = await loadExport(deps, id);
  if (state.kind !== 'completed') throw new WaybillError('export-not-ready', { export: id, state: state.kind });
  return { id, ...state.file, path: exportFiles(deps.exportsDir, deps.runner).pathOf(id) };
}

/**
 * One of the files of a split export, by its name: the index, or a part, which is a range of the one file.
 * @throws WaybillError `export-not-found`, `export-not-ready`, `export-file-not-found`
 */
export async function exportedFile(
  deps: CatalogDependencies,
  text: string,
  name: string,
): Promise<ExportedPackage | ExportedBytes> {
  const { parts, ...whole } = await exportedPackage(deps, text);
  const absent = new WaybillError('export-file-not-found', { export: whole.id, name });
  if (parts === undefined) throw absent;
  const bytes = await deps.documents.get(parts.index);
  if (name === parts.name) return { name, digest: sha256(bytes), bytes };
  const part = partsOf(parsePartsIndex(bytes, parts.name)).find((one) => one.name === name);
  if (part === undefined) throw absent;
  const { digest, size, at } = part;
  return { id: whole.id, path: whole.path, name, digest, size, at };
}
