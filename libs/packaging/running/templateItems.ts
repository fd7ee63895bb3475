import { sha256, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { EnvVariable, Manifest, ManifestComponent, SharedMount, Volume, Workload } from '../manifest.js';

/** What a template's component says, item by item. Ports on the host, engine names and secrets' values are not the template's to say. */
export type TemplateItems = Readonly<Record<string, CanonicalValue>>;

/** The items of a template's component. Host variables that belong to a port are left out: they are computed anew each time. */
export function templateItems(
  component: ManifestComponent,
  manifest: Pick<Manifest, 'configGroups' | 'components'>,
): TemplateItems {
  const items: Record<string, CanonicalValue> = {
    ...workloadItems(component.workload),
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
  for (const volume of component.volumes) items[`volume/${volume.path}`] = volumeValue(volume);
  for (const mount of component.mounts) items[`mount/${mount.path}`] = mountValue(mount, manifest);
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

/** When it runs is an item of its own, which a site may set. */
function workloadItems(workload: Workload): Record<string, CanonicalValue> {
  if (workload.kind === 'unsupported') return { workload };
  const { kind } = workload;
  return kind === 'cron' && workload.schedule !== undefined
    ? { workload: { kind }, schedule: workload.schedule }
    : { workload: { kind } };
}

/** A capacity limits only what is in memory: the engine's own volumes know none. */
const volumeValue = ({ name, kind, capacity }: Volume): CanonicalValue => ({
  name,
  kind,
  ...(kind === 'memory' && capacity !== undefined ? { capacity } : {}),
});

/** Configuration files are shared as volumes are, by the name they have beside them. */
function mountValue({ component, volume }: SharedMount, manifest: Pick<Manifest, 'components'>): CanonicalValue {
  const owner = manifest.components.find(({ key }) => key === component);
  const isVolume = owner?.volumes.some(({ name }) => name === volume) ?? true;
  const file = isVolume ? undefined : owner?.files.find(({ name }) => name === volume);
  return file === undefined ? { component, volume } : { component, file: file.path };
}

function envValue(variable: EnvVariable, component: string): CanonicalValue {
  if (variable.secret === undefined) return { scope: variable.scope, text: variable.value };
  return {
    scope: variable.scope,
    secret: variable.secret.group === undefined ? `${component}/${variable.name}` : `group/${variable.secret.group}`,
  };
}
