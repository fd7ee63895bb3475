import { hasCode, type ImportId } from '@waybill/kernel';
import { openImports } from '../read/imports.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadImport } from './handling.js';
import { locatePackage } from './parts.js';
import { watchOpen } from './watchOpen.js';

/** Begins unfinished imports that nobody carries on, but for those whose package this server does not see: they are left to those that do. */
export const watchOpenImports = (
  deps: CatalogDependencies,
  begin: (id: ImportId) => void,
  everyMs: number,
): (() => void) =>
  watchOpen(
    {
      open: () => openImports(deps.readModels.db),
      isHere: (id) => isHere(deps, id),
      begin,
      onError: (error) => deps.onError?.(error, 'watching imports'),
    },
    everyMs,
  );

/** Can the import be carried on with what this server sees? */
async function isHere(deps: CatalogDependencies, id: ImportId): Promise<boolean> {
  const { state } = await loadImport(deps, id);
  if (state.kind !== 'reading' && state.kind !== 'storing') return true;
  try {
    await locatePackage(deps, state);
    return true;
  } catch (error) {
    if (
      (['upload-not-found', 'package-not-found', 'package-path-refused', 'part-missing', 'part-differs'] as const).some(
        (code) => hasCode(error, code),
      )
    )
      return false;
    throw error;
  }
}
