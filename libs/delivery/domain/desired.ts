import type { CanonicalValue, ComponentKey, Digest, EventId, TemplateKey } from '@waybill/kernel';
import type { ComponentPort, ManifestImage, Probe, Workload } from '@waybill/packaging';

/**
 * What an instance shall be: the outcome of a plan, stored as a document. Every attribute of every component is an *item* under a path
 * (`image`, `env/LOG_LEVEL`, `file//etc/my.cnf`, `publish/80`), so that plans, rollbacks, differences and provenance all speak of the same things.
 */
export interface Desired {
  readonly schema: 1;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly version: string;
  readonly manifest: Digest;
  readonly components: Readonly<Record<string, DesiredComponent>>;
  /** Values shared by several components: `group/<name>/<item>`. */
  readonly shared: Readonly<Record<string, Item>>;
  /** The present version of every secret the items refer to. */
  readonly secrets: Readonly<Record<string, SecretVersion>>;
}

export interface DesiredComponent {
  /** Its key in this instance: the key it had when it was added, kept for good. */
  readonly key: ComponentKey;
  /** Its key in the template it now comes from. */
  readonly templateKey: ComponentKey;
  readonly aliases: readonly string[];
  readonly name: string;
  /** Its name on the instance's network, given when it was added and kept. */
  readonly host: string;
  /** The version of the template that it was last brought to. A component the template dropped stays behind at its last one. */
  readonly version: string;
  readonly items: Readonly<Record<string, Item>>;
}

export interface SecretVersion {
  readonly version: number;
  readonly fingerprint: string;
}

export interface Item<Value extends CanonicalValue = CanonicalValue> {
  readonly value: Value;
  readonly origin: Origin;
}

/** Who set the present value. `accepted`: the site had another one, and a person took the template's (`--accept`). */
export type Origin =
  | { readonly kind: 'template'; readonly version: string; readonly accepted?: true }
  /** A person or pipeline at this site; `revision` is the place of the setting event in the instance's stream. */
  | { readonly kind: 'site'; readonly event: EventId; readonly revision: number }
  /** Waybill itself: assigned ports, generated secrets. */
  | { readonly kind: 'assigned' };

/** The values of items by kind; all are canonical values. */
export type ImageValue = ManifestImage & CanonicalValue;
export type EnvValue =
  | { readonly scope: 'own' | 'offered'; readonly text: string }
  | { readonly scope: 'own' | 'offered'; readonly secret: string };
/** `document` holds the content. */
export type FileValue = { readonly document: Digest; readonly mode: number };
/** `engine` is the volume's name on the engine. */
export type VolumeValue = {
  readonly name: string;
  readonly kind: 'persistent' | 'memory';
  readonly engine: string;
  /** GiB; only where it limits: a volume in memory. */
  readonly capacity?: number;
};
/** A volume of another component by its name, or one of its configuration files by its path. */
export type MountValue =
  { readonly component: string; readonly volume: string } | { readonly component: string; readonly file: string };
export type PortValue = Pick<ComponentPort, 'protocol' | 'alias' | 'published'>;
/** `false`: the site wants the port not published, whatever the template says. */
export type PublishValue = { readonly hostPort: number; readonly protocol: 'tcp' | 'udp' } | false;
export type ProbeValue = Omit<Probe, 'purpose'> & CanonicalValue;
export type WorkloadValue = Workload & CanonicalValue;

/** The kinds of items, each under its own rule in a plan. */
export const itemKinds = [
  'image',
  'command',
  'workload',
  'schedule',
  'endpoints',
  'env',
  'file',
  'volume',
  'mount',
  'port',
  'publish',
  'probe',
  'depends',
  'group',
  'memory',
  'cpu',
  'replicas',
] as const;
export type ItemKind = (typeof itemKinds)[number];

/** `env/LOG_LEVEL` → `env`. */
export function kindOf(path: string): ItemKind {
  const kind = path.split('/', 1)[0];
  const known = itemKinds.find((one) => one === kind);
  if (known === undefined) throw new Error(`"${path}" is no item path`);
  return known;
}

/** `env/LOG_LEVEL` → `LOG_LEVEL`; `file//etc/my.cnf` → `/etc/my.cnf`; `image` → ``. */
export function nameOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? '' : path.slice(slash + 1);
}

/** The items of one kind, in the order of their names, with their values typed by the caller who knows the kind. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows what the values of a kind are
export function itemsOfKind<Value>(
  component: Pick<DesiredComponent, 'items'>,
  kind: ItemKind,
): readonly { readonly name: string; readonly value: Value }[] {
  const begin = `${kind}/`;
  return Object.keys(component.items)
    .filter((path) => path === kind || path.startsWith(begin))
    .sort()
    .map((path) => ({ name: nameOf(path), value: component.items[path]?.value as Value }));
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
export function valueAt<Value>(component: Pick<DesiredComponent, 'items'>, path: string): Value | undefined {
  return component.items[path]?.value as Value | undefined;
}

/** A port of the host; `replica`, from 1, where it is not the first one's. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly replica?: number;
}

/** Where a component answers outside the instance, by container port and replica: `publish/80`, `publish/80/1`. */
export const publishedOf = (component: Pick<DesiredComponent, 'items'>): readonly PublishedPort[] =>
  itemsOfKind<PublishValue>(component, 'publish').flatMap(({ name, value }) => {
    const [containerPort, replica] = name.split('/').map(Number);
    if (value === false || containerPort === undefined) return [];
    return [{ containerPort, ...value, ...(replica === undefined ? {} : { replica }) }];
  });

/** How many run side by side: only what keeps running without data of its own may be more than one. */
export const replicasOf = (component: Pick<DesiredComponent, 'items'>): number =>
  valueAt<WorkloadValue>(component, 'workload')?.kind === 'service' ? (valueAt<number>(component, 'replicas') ?? 1) : 1;
