import { hexOf, sha256, type ImportId } from '@waybill/kernel';
import { statesOf } from '@waybill/event-store';
import { isOpen, type Import } from '../domain/import.js';
import { importDecider } from '../domain/importDecider.js';
import { importSerde } from '../domain/serde.js';
import { importOperation } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';
import type { LoadedImport } from './handling.js';
import { removeUploads } from './parts.js';

/** An import that has ended keeps nothing staged. Its upload stays after a failure, so that it can be tried again without sending it anew. */
export async function cleanUp(deps: CatalogDependencies, { id, state }: Pick<LoadedImport, 'id' | 'state'>) {
  if (isOpen(state)) return;
  await (await deps.content.stage(importOperation(id))).discard();
  if (state.kind !== 'failed') await removeUploads(deps, state);
}

/** Names a staging area of a publication by this server: others may be publishing into the same content store. */
export const publishStaging = ({ runner }: Pick<CatalogDependencies, 'runner'>, command: string): string =>
  `publish-${hexOf(sha256(runner)).slice(0, 12)}-${command}`;

/**
 * Removes the staging areas and uploads that no unfinished import needs. Tells the unfinished imports, oldest first.
 * The log decides, not a read model: one that lags must not take an import for finished.
 */
export async function clearLeftovers(deps: CatalogDependencies): Promise<readonly ImportId[]> {
  // Listed before the log is read: another server's import that begins meanwhile is then not in the list, or is in the log.
  const staged = await deps.content.listStaging();
  const imports = await allImports(deps);
  const open = [...imports].filter(([, state]) => isOpen(state)).map(([id]) => id);
  const needed = new Set(open.map(importOperation));
  const own = publishStaging(deps, '');
  for (const name of staged)
    if (name.startsWith(own) || (name.startsWith('import-') && !needed.has(name)))
      await (await deps.content.stage(name)).discard();
  for (const state of imports.values())
    if (state.kind === 'completed' || state.kind === 'refused' || state.kind === 'discarded')
      await removeUploads(deps, state);
  return open;
}

const allImports = ({ store }: CatalogDependencies) =>
  statesOf(store, importSerde, importDecider, 'import-') as Promise<ReadonlyMap<ImportId, Import>>;
