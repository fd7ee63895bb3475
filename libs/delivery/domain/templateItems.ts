import { sha256, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { EnvVariable, Manifest, ManifestComponent } from '@waybill/packaging';

/** What a template's component says, item by item. Ports on the host, engine names and secrets' values are not the template's to say. */
export type TemplateItems = Readonly<Record<string, CanonicalValue>>;

/** The items of a template's component. Host variables that belong to a port are left out: they are computed anew each time. */
export function templateItems(component: ManifestComponent, manifest: Pick<Manifest, 'configGroups'>): TemplateItems {
  const items: Record<string, CanonicalValue> = {
    workload: component.workload,
    memory: component.resources.memoryMiB,
    cpu: component.resources.cpuMilli,
    replicas: component.replicas.initial,
    command: component.command ?? '',
  };
  if (component.image !== undefined) items['image'] = component.image as unknown as CanonicalValue;
  if (component.endpoints !== undefined) items['endpoints'] = component.endpoints;
  for (const variable of component.env)
    if (variable.port === undefined) items[`env/${variable.name}`] = envValue(variable, component.key);
  for (const file of component.files) items[`file/${file.path}`] = { document: sha256(file.content), mode: file.mode };
  for (const volume of component.volumes) items[`volume/${volume.path}`] = { name: volume.name, kind: volume.kind };
  for (const mount of component.mounts)
    items[`mount/${mount.path}`] = { component: mount.component, volume: mount.volume };
  for (const port of component.ports)
    items[`port/${port.port}`] = { protocol: port.protocol, alias: port.alias, published: port.published };
  for (const { purpose, ...probe } of component.probes) items[`probe/${purpose}`] = probe;
  for (const dependency of component.dependencies) items[`depends/${dependency}`] = true;
  for (const group of manifest.configGroups)
    if (group.components.includes(component.key)) items[`group/${group.name}`] = true;
  return items;
}

/** Values shared by several components, as the template says them. */
export function sharedItems(manifest: Pick<Manifest, 'configGroups'>): TemplateItems {
  return Object.fromEntries(
    manifest.configGroups.flatMap((group) =>
      group.items.map((item) => [`group/${group.name}/${item.name}`, item.value] as const),
    ),
  );
}

/** The texts that `file` items refer to by digest. */
export function fileContents(manifest: Pick<Manifest, 'components'>): ReadonlyMap<Digest, string> {
  return new Map(
    manifest.components.flatMap((component) =>
      component.files.map((file) => [sha256(file.content), file.content] as const),
    ),
  );
}

function envValue(variable: EnvVariable, component: string): CanonicalValue {
  if (variable.secret === undefined) return { scope: variable.scope, text: variable.value };
  return {
    scope: variable.scope,
    secret: variable.secret.group === undefined ? `${component}/${variable.name}` : `group/${variable.secret.group}`,
  };
}
