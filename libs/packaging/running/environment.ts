import type { SecretPart, Text } from '@waybill/kernel';
import {
  itemsOfKind,
  nameOf,
  valueAt,
  type Running,
  type RunningComponent,
  type EnvValue,
  type PortValue,
} from './items.js';
import { connectionHost, connectionPort } from './elsewhere.js';
import { ownSecret, withSecrets } from './placeholders.js';
import { substitute } from './substitute.js';

/**
 * What a component finds in its environment. From weakest to strongest: shared values of its groups, what the components it uses offer (one hop),
 * what it says itself; then variables are put in from the merged whole.
 */
export function environmentOf(component: RunningComponent, running: Running): ReadonlyMap<string, Text> {
  const merged = new Map<string, Text>();
  const put = (entries: Iterable<readonly [string, Text]>) => {
    for (const [name, text] of entries) merged.set(name, text);
  };
  put(platformVariables(component));
  put(groupValues(component, running));
  for (const { name: key } of itemsOfKind(component, 'depends')) {
    const provider = running.components[key];
    if (provider !== undefined) put(offeredBy(provider, running));
  }
  put(offeredBy(component, running));
  put(stated(component, running, 'own'));
  return new Map([...merged].map(([name, text]) => [name, substitute(text, merged, name)]));
}

/** Connection values for those who use it: its ports' host and port variables, and what it offers by name. */
function offeredBy(component: RunningComponent, running: Running): readonly (readonly [string, Text])[] {
  const ports = itemsOfKind<PortValue>(component, 'port').flatMap(({ name: port, value }) => [
    [`${value.alias}_HOST`, connectionHost(component)] as const,
    [`${value.alias}_PORT`, connectionPort(component, port)] as const,
  ]);
  return [...ports, ...stated(component, running, 'offered')];
}

function stated(
  component: RunningComponent,
  running: Running,
  scope: EnvValue['scope'],
): readonly (readonly [string, Text])[] {
  return itemsOfKind<EnvValue>(component, 'env')
    .filter(({ value }) => value.scope === scope)
    .map(({ name, value }) => [name, textOf(value, ownSecret.variable(component.key, name), running)] as const);
}

function textOf(value: EnvValue, own: string, running: Running): Text {
  if ('text' in value) return withSecrets(value.text, own, secretAmong(running));
  return { parts: [secretAmong(running)(value.secret)] };
}

/** The present version of a secret, by its name. */
export const secretAmong =
  (running: Pick<Running, 'secrets'>) =>
  (secret: string): SecretPart => {
    const version = running.secrets[secret];
    if (version === undefined) throw new Error(`the secret ${secret} has no version`);
    return { secret, version: version.version, fingerprint: version.fingerprint };
  };

function groupValues(component: RunningComponent, running: Running): readonly (readonly [string, Text])[] {
  const groups = new Set(itemsOfKind(component, 'group').map(({ name }) => name));
  return Object.entries(running.shared).flatMap(([path, item]) => {
    const [group = '', ...rest] = nameOf(path).split('/');
    if (!groups.has(group)) return [];
    const name = rest.join('/');
    return [[name, withSecrets(item.value as string, ownSecret.shared(group, name), secretAmong(running))] as const];
  });
}

/** What the reference system's platform tells every component, in the names its images expect. */
function platformVariables(component: RunningComponent): readonly (readonly [string, Text])[] {
  const [first] = itemsOfKind<PortValue>(component, 'port')
    .map(({ name, value }) => ({ port: Number(name), protocol: value.protocol }))
    .sort((a, b) => a.port - b.port);
  const memory = valueAt<number>(component, 'memory') ?? 0;
  return [
    ...(first === undefined ? [] : [['PORT', String(first.port)] as const, ['PROTOCOL', first.protocol] as const]),
    ['MEMORY_SIZE', memoryLabel(memory)] as const,
  ];
}

/** 512 MiB is `medium`; every doubling has its own label. */
function memoryLabel(memoryMiB: number): string {
  const labels = ['micro', 'small', 'medium', 'large'];
  const step = Math.log2(memoryMiB / 128);
  if (!Number.isInteger(step) || step < 0 || step > 9) return 'small';
  return labels[step] ?? `${2 ** (step - 3)}xlarge`;
}
