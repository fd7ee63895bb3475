import { hasCode, type ImportId } from '@waybill/kernel';
import type { ImportState } from '../domain/import.js';
import { openImports } from '../read/imports.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadImport } from './handling.js';
import { findFile } from './packageFile.js';

/**
 * Looks at the unfinished imports again and again and begins those that were in the same state at the look before: by then the server that
 * took the request has claimed it. An import whose package this server does not see is left to those that do.
 * @returns ends the looking
 */
export function watchOpenImports(
  deps: CatalogDependencies,
  begin: (id: ImportId) => void,
  everyMs: number,
): () => void {
  let before: ReadonlyMap<ImportId, ImportState> = new Map();
  const begun = new Map<ImportId, ImportState>();
  let looking = false;

  async function look(): Promise<void> {
    const now = openImports(deps.readModels.db);
    for (const [id, state] of now) {
      // What was begun here goes on by itself until a person's turn has come.
      if (before.get(id) !== state || begun.get(id) === state || !(await isHere(deps, id))) continue;
      begun.set(id, state);
      begin(id);
    }
    for (const id of begun.keys()) if (!now.has(id)) begun.delete(id);
    before = now;
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => deps.onError?.(error, 'watching imports'))
      .finally(() => (looking = false));
  }, everyMs);
  return () => clearInterval(timer);
}

/** Can the import be carried on with what this server sees? */
async function isHere(deps: CatalogDependencies, id: ImportId): Promise<boolean> {
  const { state } = await loadImport(deps, id);
  if (state.kind !== 'reading' && state.kind !== 'storing') return true;
  try {
    await findFile(deps, state.request.source);
    return true;
  } catch (error) {
    if (
      ['upload-not-found', 'package-not-found', 'package-path-refused'].some((code) =>
        hasCode(error, code as 'upload-not-found'),
      )
    )
      return false;
    throw error;
  }
}
