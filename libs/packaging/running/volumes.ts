import { itemsOfKind, type Running, type RunningComponent, type VolumeValue } from './items.js';
import { sharedVolume, usableMounts } from './mounts.js';

/** The volumes that a component sees, its own and those of others; `name` is the engine's name of it. */
export function volumesOf(
  component: RunningComponent,
  running: Running,
): readonly { readonly name: string; readonly path: string; readonly readOnly: boolean }[] {
  const own = itemsOfKind<VolumeValue>(component, 'volume')
    .filter(({ value }) => value.kind === 'persistent')
    .map(({ name: path, value }) => ({ name: value.engine, path, readOnly: false }));
  const shared = usableMounts(component, running).flatMap(({ path, owner, value }) => {
    const volume = 'volume' in value ? sharedVolume(owner, value.volume) : undefined;
    return volume === undefined ? [] : [{ name: volume.engine, path, readOnly: false }];
  });
  return [...own, ...shared];
}

/** Its volumes in memory. */
export const memoryVolumesOf = (
  component: Pick<RunningComponent, 'items'>,
): readonly { readonly path: string; readonly sizeMiB?: number }[] =>
  itemsOfKind<VolumeValue>(component, 'volume')
    .filter(({ value }) => value.kind === 'memory')
    .map(({ name, value }) => ({
      path: name,
      ...(value.capacity === undefined ? {} : { sizeMiB: value.capacity * 1024 }),
    }));
