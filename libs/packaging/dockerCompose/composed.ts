import { withoutUndefined, type CanonicalValue, type ComponentKey, type Digest } from '@waybill/kernel';
import type { EnvVariable, Manifest, ManifestComponent } from '../manifest.js';
import { dnsLabel, hostName, hostNamesOf } from '../running/hostName.js';
import { calledOf } from '../running/aliases.js';
import { kindOf, nameOf, type Running, type RunningComponent, type VolumeValue } from '../running/items.js';
import { ownSecret } from '../running/placeholders.js';
import { secretNames } from '../running/secretNames.js';
import { fileContents, sharedItems, templateItems } from '../running/templateItems.js';
import { isPlain, variableNames, type Variable } from './variables.js';

/** A template as Docker Compose is to run it. Names were chosen once, for services, volumes, files and variables alike. */
export interface Composed {
  readonly manifest: Manifest;
  /** What Compose calls the whole unless `.env` says otherwise; the same for every version. */
  readonly project: string;
  readonly running: Running;
  /** What is put in where the running state speaks of a secret, by its name there. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** Ports of the host, by component and port of the container. */
  readonly ports: readonly HostPort[];
  /** Texts of configuration files. */
  readonly contents: ReadonlyMap<Digest, string>;
}

export interface HostPort {
  readonly component: ComponentKey;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly variable: Extract<Variable, { kind: 'value' }>;
}

/**
 * Settles what a site would be asked or given at an installation. A variable that a site may change is carried through the running state as a secret
 * is: whoever uses its value, at whatever place, then refers to the one line of `.env`.
 */
export function composed(manifest: Manifest): Composed {
  const nameOfVariable = variableNames();
  const contents = fileContents(manifest);
  const hosts = hostNamesOf(manifest);
  const values = new Map<string, Variable>();
  const valueOf = (component: ManifestComponent, variable: EnvVariable): string => {
    const name = nameOfVariable(hosts.get(component.key) ?? '', variable.name);
    const meaning = `${variable.name} of ${component.name}${variable.label === undefined ? '' : ` (${variable.label})`}`;
    const id = `value ${component.key}/${variable.name}`;
    values.set(id, { kind: 'value', name, meaning, fallback: variable.value });
    return id;
  };
  const components = componentsOf(manifest, hosts, valueOf);
  const shared = withValues(sharedItems(manifest));
  const ports = hostPorts(manifest, hosts, nameOfVariable);
  const names = secretNames({ components, shared }, (document) => contents.get(document));
  const meanings = secretMeanings(manifest, hosts);
  for (const secret of names)
    if (!values.has(secret)) {
      const [meaning, ...parts] = meanings.get(secret) ?? groupMeaning(secret.slice('group/'.length));
      values.set(secret, { kind: 'secret', name: nameOfVariable(...parts), meaning });
    }
  const secrets = Object.fromEntries(names.map((name) => [name, { version: 1, fingerprint: '' }]));
  return {
    manifest,
    project: dnsLabel(manifest.template.name) || dnsLabel(manifest.template.key) || 'application',
    running: { components, shared, secrets },
    variables: values,
    ports,
    contents,
  };
}

function componentsOf(
  manifest: Manifest,
  hosts: ReadonlyMap<ComponentKey, string>,
  valueOf: (component: ManifestComponent, variable: EnvVariable) => string,
): Readonly<Record<string, RunningComponent>> {
  const volumes = new Set<string>();
  const volumeName = (host: string, { name }: VolumeValue, path: string) => {
    const label = hostName({ name: `${host}-${dnsLabel(name) || dnsLabel(path)}`, key: host }, volumes);
    volumes.add(label);
    return label;
  };
  return Object.fromEntries(
    manifest.components.map((component) => {
      const { key, name } = component;
      const host = hosts.get(key) ?? key;
      const items = Object.entries(templateItems(component, manifest)).map(([path, value]) => {
        const variable = kindOf(path) === 'env' ? settable(component, nameOf(path)) : undefined;
        if (variable !== undefined)
          return [path, { value: { scope: variable.scope, secret: valueOf(component, variable) } }];
        if (kindOf(path) !== 'volume') return [path, { value }];
        const volume = value as VolumeValue;
        return [path, { value: { ...volume, engine: volumeName(host, volume, nameOf(path)) } }];
      });
      const called = calledOf(component, host);
      return [
        key,
        {
          key,
          name,
          host,
          ...withoutUndefined({ called }),
          items: Object.fromEntries(items) as RunningComponent['items'],
        },
      ];
    }),
  );
}

/** The variable, where a site may change it and `.env` can hold it. */
const settable = (component: ManifestComponent, name: string): EnvVariable | undefined =>
  component.env.find(
    (variable) =>
      variable.name === name && variable.editable && variable.secret === undefined && isPlain(variable.value),
  );

const withValues = (items: Readonly<Record<string, CanonicalValue>>): RunningComponent['items'] =>
  Object.fromEntries(Object.entries(items).map(([path, value]) => [path, { value }]));

/** Ports below 1024 need rights that not everybody has: 80 is 8080 on the host. Replicas share a range. */
function hostPorts(
  manifest: Manifest,
  hosts: ReadonlyMap<ComponentKey, string>,
  nameOfVariable: (...parts: readonly string[]) => string,
): readonly HostPort[] {
  const taken = new Set<number>();
  return manifest.components.flatMap((component) =>
    component.ports
      .filter(({ published }) => published)
      .map(({ port, protocol }) => {
        const wanted = port < 1024 ? port + 8000 : port;
        const count = component.workload.kind === 'service' ? component.replicas.initial : 1;
        const first = freeRange(wanted, count, taken);
        return {
          component: component.key,
          containerPort: port,
          protocol: protocol === 'udp' ? 'udp' : 'tcp',
          variable: {
            kind: 'value',
            name: nameOfVariable(hosts.get(component.key) ?? '', 'PORT', String(port)),
            meaning: `port ${String(port)} of ${component.name} on this machine${count > 1 ? `, one for each of its ${String(count)} replicas` : ''}`,
            fallback: count > 1 ? `${String(first)}-${String(first + count - 1)}` : String(first),
          },
        };
      }),
  );
}

function freeRange(wanted: number, count: number, taken: Set<number>): number {
  const range = (first: number) => Array.from({ length: count }, (_, index) => first + index);
  let first = Math.min(wanted, 65_536 - count);
  while (range(first).some((port) => taken.has(port))) first = first + count > 65_535 ? 1024 : first + 1;
  for (const port of range(first)) taken.add(port);
  return first;
}

/** All texts of the template that name the group hold the one value. */
const groupMeaning = (group: string): readonly [string, ...string[]] => [
  `the generated value "${group}"`,
  'SECRET',
  dnsLabel(group) || group,
];

/** For each generated secret of one place what it is, and the parts of its variable's name. */
function secretMeanings(
  manifest: Manifest,
  hosts: ReadonlyMap<ComponentKey, string>,
): ReadonlyMap<string, readonly [string, ...string[]]> {
  return new Map<string, readonly [string, ...string[]]>([
    ...manifest.components.flatMap(({ key, name, env, files }) => {
      const host = hosts.get(key) ?? '';
      return [
        ...env.map((one) => [ownSecret.variable(key, one.name), [`${one.name} of ${name}`, host, one.name]] as const),
        ...files.map(
          ({ path }) => [ownSecret.file(key, path), [`in the file ${path} of ${name}`, host, 'FILE', path]] as const,
        ),
      ];
    }),
    ...manifest.configGroups.flatMap((group) =>
      group.items.map(
        (item) =>
          [
            ownSecret.shared(group.name, item.name),
            [`${item.name} of the group ${group.name}`, dnsLabel(group.name) || 'GROUP', item.name],
          ] as const,
      ),
    ),
  ]);
}
