import type { CanonicalValue, ComponentKey, Digest } from '@waybill/kernel';
import type { ComponentPort, ManifestImage, Probe, Workload } from '../manifest.js';

/**
 * What components shall be, whoever decided it: a template for itself, or an instance with what its site set. Every attribute of every component
 * is an *item* under a path (`image`, `env/LOG_LEVEL`, `file//etc/my.cnf`, `publish/80`).
 */
export interface Running {
  readonly components: Readonly<Record<string, RunningComponent>>;
  /** Values shared by several components: `group/<name>/<item>`. */
  readonly shared: RunningItems;
  /** The present version of every secret the items refer to. */
  readonly secrets: Readonly<Record<string, SecretVersion>>;
}

export interface RunningComponent {
  readonly key: ComponentKey;
  readonly name: string;
  /** Its name on the network that it shares with the others. */
  readonly host: string;
  /** What its author's other components call it, where that is another name. */
  readonly called?: string;
  readonly items: RunningItems;
}

export type RunningItems = Readonly<Record<string, { readonly value: CanonicalValue }>>;

type WithItems = Pick<RunningComponent, 'items'>;

export interface SecretVersion {
  readonly version: number;
  readonly fingerprint: string;
}

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
  component: WithItems,
  kind: ItemKind,
): readonly { readonly name: string; readonly value: Value }[] {
  const begin = `${kind}/`;
  return Object.keys(component.items)
    .filter((path) => path === kind || path.startsWith(begin))
    .sort()
    .map((path) => ({ name: nameOf(path), value: component.items[path]?.value as Value }));
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
export function valueAt<Value>(component: WithItems, path: string): Value | undefined {
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
export const publishedOf = (component: WithItems): readonly PublishedPort[] =>
  itemsOfKind<PublishValue>(component, 'publish').flatMap(({ name, value }) => {
    const [containerPort, replica] = name.split('/').map(Number);
    if (value === false || containerPort === undefined) return [];
    return [{ containerPort, ...value, ...(replica === undefined ? {} : { replica }) }];
  });

/** How many run side by side: only what keeps running without data of its own may be more than one. */
export const replicasOf = (component: WithItems): number =>
  valueAt<WorkloadValue>(component, 'workload')?.kind === 'service' ? (valueAt<number>(component, 'replicas') ?? 1) : 1;
