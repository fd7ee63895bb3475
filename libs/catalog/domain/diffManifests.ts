import { canonicalJson, type CanonicalValue } from '@waybill/kernel';
import type { Manifest, ManifestComponent } from '@waybill/packaging';

/** One attribute that differs: `item` is its place in the component, e.g. `image`, `env/LOG_LEVEL`, `ports/80/tcp`. */
export interface AttributeDifference {
  readonly item: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Absent when added. */
  readonly before?: CanonicalValue;
  /** Absent when removed. */
  readonly after?: CanonicalValue;
}

export interface ComponentDifference {
  readonly key: string;
  /** As the newer side calls it. */
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Sorted by item; all attributes of a component that is added or removed. */
  readonly attributes: readonly AttributeDifference[];
}

/** What one manifest says that another does not; empty lists: they say the same but for number and name. */
export interface ManifestDifference {
  /** `name`, `config-groups/…`, `routes/…`, `carried/…`. Sorted by item. */
  readonly template: readonly AttributeDifference[];
  /** Sorted by key. */
  readonly components: readonly ComponentDifference[];
}

/** Compares two manifests, attribute by attribute. Pure; components match by key alone. */
export function diffManifests(before: Manifest, after: Manifest): ManifestDifference {
  return {
    template: diffAttributes(templateAttributes(before), templateAttributes(after)),
    components: diffComponents(before.components, after.components),
  };
}

type Attributes = ReadonlyMap<string, CanonicalValue>;

function diffComponents(
  before: readonly ManifestComponent[],
  after: readonly ManifestComponent[],
): readonly ComponentDifference[] {
  const [old, present] = [byKey(before), byKey(after)];
  const keys = [...new Set([...old.keys(), ...present.keys()])].sort(byText);
  return keys.flatMap((key): readonly ComponentDifference[] => {
    const [was, is] = [old.get(key), present.get(key)];
    const attributes = diffAttributes(componentAttributes(was), componentAttributes(is));
    if (was !== undefined && is !== undefined && attributes.length === 0) return [];
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return [{ key, name: (is ?? was)?.name ?? key, kind, attributes }];
  });
}

function diffAttributes(before: Attributes, after: Attributes): readonly AttributeDifference[] {
  const items = [...new Set([...before.keys(), ...after.keys()])].sort(byText);
  return items.flatMap((item): readonly AttributeDifference[] => {
    const [was, is] = [before.get(item), after.get(item)];
    if (was === undefined) return is === undefined ? [] : [{ item, kind: 'added', after: is }];
    if (is === undefined) return [{ item, kind: 'removed', before: was }];
    return canonicalJson(was) === canonicalJson(is) ? [] : [{ item, kind: 'changed', before: was, after: is }];
  });
}

function templateAttributes(manifest: Manifest): Attributes {
  return attributes([
    ['name', manifest.template.name],
    ...manifest.configGroups.map((group) => [`config-groups/${group.name}`, value(group)] as const),
    ...manifest.routes.map((route) => [`routes/${route.component}/${route.port}${route.path}`, value(route)] as const),
    ...manifest.carried.map(
      (part) => [['carried', part.kind, part.component, part.name].filter(Boolean).join('/'), value(part)] as const,
    ),
  ]);
}

function componentAttributes(component: ManifestComponent | undefined): Attributes {
  if (component === undefined) return new Map();
  const { env, ports, volumes, files, mounts, dependencies, probes, key: _key, ...single } = component;
  return attributes([
    ...Object.entries(single).map(([name, content]) => [name, value(content)] as const),
    ...env.map((item) => [`env/${item.name}`, value(item)] as const),
    ...ports.map((item) => [`ports/${item.port}/${item.protocol}`, value(item)] as const),
    ...volumes.map((item) => [`volumes${item.path}`, value(item)] as const),
    ...files.map((item) => [`files${item.path}`, value(item)] as const),
    ...mounts.map((item) => [`mounts${item.path}`, value(item)] as const),
    ...dependencies.map((item) => [`dependencies/${item}`, item] as const),
    ...probes.map((item) => [`probes/${item.purpose}`, value(item)] as const),
  ]);
}

/** Packages of other systems may name one thing twice; the second must not hide the first. */
function attributes(entries: readonly (readonly [string, CanonicalValue | undefined])[]): Attributes {
  const found = new Map<string, CanonicalValue>();
  for (const [item, content] of entries) {
    if (content === undefined) continue;
    let name = item;
    for (let n = 2; found.has(name); n += 1) name = `${item}#${n}`;
    found.set(name, content);
  }
  return found;
}

// Manifests are canonical JSON documents; their interfaces only lack the index signature.
const value = (content: unknown): CanonicalValue => content as CanonicalValue;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byKey = (components: readonly ManifestComponent[]): ReadonlyMap<string, ManifestComponent> =>
  new Map(components.map((component) => [component.key, component]));
