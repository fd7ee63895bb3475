import { compareVersions, hasCode } from '@waybill/kernel';
import { hostNamesOf, matchComponents, type Manifest } from '@waybill/packaging';
import type { DesiredComponent } from '../domain/desired.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { Addressable } from './addressItem.js';
import type { DeliveryDependencies, OfferedVersion } from './dependencies.js';

/** The versions on offer above the installed one, highest first. Before an install there are none: it has all that is on offer. */
export async function comingVersions(
  { templates }: Pick<DeliveryDependencies, 'templates'>,
  { version: installed, template: { key } }: ExistingInstance,
): Promise<readonly Manifest[]> {
  if (installed === null) return [];
  const offered = await templates.versions(key).catch((error: unknown): readonly OfferedVersion[] => {
    // What was forgotten brings nothing.
    if (hasCode(error, 'template-not-found')) return [];
    throw error;
  });
  const above = offered.filter(({ version }) => compareVersions(version, installed.version) > 0);
  const manifests: Manifest[] = [];
  for (const { version } of above.toReversed()) manifests.push((await templates.version(key, version)).manifest);
  return manifests;
}

/** Components that an upgrade to one of these versions would add, as it would call them; of several versions the first counts. */
export function broughtBy(
  coming: readonly Manifest[],
  present: readonly DesiredComponent[],
): readonly Required<Addressable>[] {
  const brought = new Map<string, Required<Addressable>>();
  const installed = present.map(({ templateKey, aliases }) => ({ key: templateKey, aliases }));
  for (const { components } of coming) {
    const matched = new Set(matchComponents(installed, components).pairs.map(({ target }) => target.key));
    const added = components.filter(({ key }) => !matched.has(key));
    const hosts = hostNamesOf({ components: added }, new Set(present.map(({ host }) => host)));
    for (const { key, name } of added)
      if (!brought.has(key)) brought.set(key, { key, name, host: hosts.get(key) ?? key });
  }
  return [...brought.values()];
}
