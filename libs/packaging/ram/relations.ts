import type { ComponentKey } from '@waybill/kernel';
import type { ManifestComponent, SharedMount } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import { cyclesIn } from './cycles.js';
import { distinct } from './distinct.js';
import type { Identities } from './identities.js';
import type { RamComponent } from './metadata.js';
import { sortedTexts } from './order.js';
import { mountPath } from './volumes.js';

/** Keys of the components it uses; one that is not in the package stays as the source wrote it. */
export function dependenciesOf(
  component: RamComponent,
  key: ComponentKey,
  identities: Identities,
  carrying: Carrying,
): readonly string[] {
  const stated = component.dependencies.filter((reference) => reference !== '');
  for (const reference of sortedTexts(stated.filter((text) => identities.resolve(text) === undefined)))
    carrying.tell('dependency-dangling', subjectOf(key), `It depends on ${reference}, which is not in the package.`);
  return sortedTexts(stated.map((reference) => identities.resolve(reference) ?? reference));
}

/** Volumes of other components that are seen in this one; what leads nowhere is carried. */
export function mountsOf(
  component: RamComponent,
  key: ComponentKey,
  identities: Identities,
  carrying: Carrying,
): readonly SharedMount[] {
  const mounts = component.mounts.flatMap((mount) => {
    const owner = identities.resolve(mount.owner);
    const path = mountPath(mount.path);
    const owned = owner === undefined ? undefined : identities.component(owner)?.volumes;
    const has = owned?.some((volume) => volume.name === mount.volume && mountPath(volume.path) !== undefined);
    if (owner !== undefined && path !== undefined && has === true) return [{ ...mount, owner, path }];
    const name = `${mount.owner} ${mount.volume}`;
    carrying.carry({ kind: 'mount', name, component: key, content: mount.source, told: false });
    carrying.tell(
      'mount-dangling',
      subjectOf(key),
      `It mounts the volume ${mount.volume} of ${mount.owner} at ${mount.path}, which cannot be found or mounted.`,
    );
    return [];
  });
  return distinct(mounts, 'mount', key, ({ path }) => path, carrying).map(({ path, owner, volume }) => ({
    path,
    component: owner,
    volume,
  }));
}

/** Rings are allowed, since the reference system allows them, but whoever imports one must know. */
export function tellOfCycles(components: readonly ManifestComponent[], carrying: Carrying): void {
  const dependencies = new Map(components.map((component) => [component.key as string, component.dependencies]));
  for (const ring of cyclesIn(dependencies))
    carrying.tell(
      'dependency-cycle',
      'template',
      ring.length === 1
        ? `The component ${ring.join('')} depends on itself.`
        : `These components depend on each other in a ring: ${ring.join(', ')}.`,
    );
}
