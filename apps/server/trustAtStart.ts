import { readFile } from 'node:fs/promises';
import { addPublisher, type CatalogDependencies } from '@waybill/catalog';
import type { CommandContext } from '@waybill/event-store';
import { digestOf, hexOf, isWaybillError, WaybillError, type CommandId, type IdSource } from '@waybill/kernel';
import { parseRoots, rootChain } from '@waybill/packaging';

/**
 * Trusts the publisher whose roots are in the file that `WAYBILL_TRUST` names; who can set it has the machine anyway. Nothing when it is known.
 * @throws WaybillError `configuration-invalid`
 */
export async function trustAtStart(deps: CatalogDependencies, ids: IdSource, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    const roots = parseRoots(await readFile(file));
    await addPublisher(deps, { roots, fingerprint: rootChain(roots).publisher }, contextOf(deps, ids));
  } catch (error) {
    const known = isWaybillError(error) ? error.code.startsWith('publisher-') : (error as { code?: string }).code;
    if (known === false || known === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new WaybillError('configuration-invalid', { name: 'WAYBILL_TRUST', reason }, { cause: error });
  }
}

function contextOf({ actor }: Pick<CatalogDependencies, 'actor'>, ids: IdSource): CommandContext {
  const commandId = ids.next() as CommandId;
  const commandDigest = hexOf(digestOf({ command: 'trust-at-start', commandId }));
  return { commandId, commandDigest, correlationId: commandId, actor, channel: 'system' };
}
