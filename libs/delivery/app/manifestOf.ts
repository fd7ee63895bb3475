import type { Manifest } from '@waybill/packaging';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadManifest } from './loadDocuments.js';

/** The manifest of what is installed; before that, of the highest version on offer. @throws WaybillError `version-not-found` */
export async function manifestOf(
  { documents, templates }: Pick<DeliveryDependencies, 'documents' | 'templates'>,
  state: ExistingInstance,
): Promise<Manifest> {
  if (state.version !== null) return loadManifest(documents, state.version.manifest);
  const newest = (await templates.versions(state.template.key)).at(-1)?.version ?? '';
  return (await templates.version(state.template.key, newest)).manifest;
}
