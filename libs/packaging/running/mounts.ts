import {
  itemsOfKind,
  valueAt,
  type Running,
  type RunningComponent,
  type MountValue,
  type VolumeValue,
} from './items.js';

export interface Mount {
  readonly path: string;
  readonly owner: RunningComponent;
  readonly value: MountValue;
}

/** What a component sees of others, as far as it is there and can be shown: what stands at the path itself goes before. */
export const usableMounts = (component: RunningComponent, running: Running): readonly Mount[] =>
  mountsOf(component, running).flatMap((mount) => ('why' in mount ? [] : [mount]));

/** The others, with the reason. */
export const unusableMounts = (
  component: RunningComponent,
  running: Running,
): readonly { readonly path: string; readonly why: string }[] =>
  mountsOf(component, running).flatMap((mount) => ('why' in mount ? [mount] : []));

/** A volume of the owner that others can see: one in memory is its container's alone. */
export const sharedVolume = (owner: RunningComponent, name: string): VolumeValue | undefined =>
  itemsOfKind<VolumeValue>(owner, 'volume').find(({ value }) => value.name === name && value.kind === 'persistent')
    ?.value;

function mountsOf(
  component: RunningComponent,
  running: Running,
): readonly (Mount | { readonly path: string; readonly why: string })[] {
  return itemsOfKind<MountValue>(component, 'mount').map(({ name: path, value }) => {
    const owner = running.components[value.component];
    if (owner === undefined) return { path, why: `the component ${value.component} is not there` };
    if (component.items[`volume/${path}`] !== undefined || component.items[`file/${path}`] !== undefined)
      return { path, why: 'it has something of its own there' };
    if ('file' in value)
      return valueAt(owner, `file/${value.file}`) === undefined
        ? { path, why: `${owner.name} has no file ${value.file}` }
        : { path, owner, value };
    return sharedVolume(owner, value.volume) === undefined
      ? { path, why: `${owner.name} has no volume ${value.volume} that others can see` }
      : { path, owner, value };
  });
}
