import { sha256, WaybillError, type CanonicalValue, type ComponentKey, type Digest } from '@waybill/kernel';
import type { EnvVariable, Manifest } from '@waybill/packaging';
import { kindOf, nameOf, valueAt, type Desired, type FileValue } from '../domain/desired.js';

/** A change that a person asks for: `<component>/<path>` with the component by key, host or name. */
export interface SettingRequest {
  readonly item: string;
  /** `null` gives it back to the template. */
  readonly value: string | null;
  /** Seal it, and never show it. */
  readonly secret?: boolean | undefined;
}

/** A request understood: which component, which item, what value. A secret's or a file's text is kept apart. */
export interface ParsedSetting {
  readonly component: ComponentKey;
  readonly path: string;
  readonly value: CanonicalValue;
  readonly secret?: { readonly name: string; readonly text: string };
  readonly file?: { readonly digest: Digest; readonly text: string };
}

export interface Addressable {
  readonly key: ComponentKey;
  readonly name: string;
  readonly host?: string;
}

/** The component that a person means. @throws WaybillError `component-not-found`, `item-ambiguous` */
export function findComponent(text: string, components: readonly Addressable[]): Addressable {
  const exact = components.find((one) => one.key === text);
  if (exact !== undefined) return exact;
  const found = components.filter((one) => one.host === text || one.name === text);
  const [only, ...more] = found;
  if (only === undefined)
    throw new WaybillError('component-not-found', {
      component: text,
      components: components.map((one) => one.host ?? one.name),
    });
  if (more.length > 0) throw new WaybillError('item-ambiguous', { item: text, items: found.map((one) => one.key) });
  return only;
}

/** `web/env/LOG_LEVEL` → the component and `env/LOG_LEVEL`. */
export function findItem(
  item: string,
  components: readonly Addressable[],
): { readonly component: Addressable; readonly path: string } {
  const slash = item.indexOf('/');
  if (slash < 1 || slash === item.length - 1)
    throw notAllowed(item, 'it is written <component>/<path>, such as web/env/LOG_LEVEL.');
  return { component: findComponent(item.slice(0, slash), components), path: item.slice(slash + 1) };
}

/** Checks a request against what the template and the site have. @throws WaybillError `setting-not-allowed` and those of `findItem` */
export function parseSetting(
  request: SettingRequest,
  components: readonly Addressable[],
  manifest: Manifest,
  desired: Desired | undefined,
): ParsedSetting {
  const { component, path } = findItem(request.item, components);
  const target = { component: component.key, path };
  const kind = settableKind(request.item, path);
  if (request.secret === true && kind !== 'env')
    throw notAllowed(request.item, 'only environment values can be secret.');
  if (request.value === null) return { ...target, value: null };
  switch (kind) {
    case 'env':
      return { ...target, ...envSetting(request, request.value, component.key, path, manifest, desired) };
    case 'file':
      return { ...target, ...fileSetting(request, request.value, component.key, path, manifest, desired) };
    case 'publish':
      return {
        ...target,
        value: {
          hostPort: wholeNumber(request.item, request.value, 1, 65535),
          protocol: portProtocol(request.item, component.key, nameOf(path), manifest, desired),
        },
      };
    case 'replicas':
      return { ...target, value: wholeNumber(request.item, request.value, 1, 100) };
    case 'memory':
    case 'cpu':
      return { ...target, value: wholeNumber(request.item, request.value, 0, 16_777_216) };
  }
}

type SettableKind = 'env' | 'file' | 'publish' | 'memory' | 'cpu' | 'replicas';
const settable: readonly SettableKind[] = ['env', 'file', 'publish', 'memory', 'cpu', 'replicas'];

function settableKind(item: string, path: string): SettableKind {
  const found = settable.find((one) => path === one || path.startsWith(`${one}/`));
  if (
    found === undefined ||
    (nameOf(path) === '') !== (found === 'memory' || found === 'cpu' || found === 'replicas')
  ) {
    throw notAllowed(
      item,
      'a site sets env/NAME, file/PATH, publish/PORT, memory, cpu and replicas; the rest is the template’s.',
    );
  }
  return found;
}

function envSetting(
  request: SettingRequest,
  text: string,
  key: ComponentKey,
  path: string,
  manifest: Manifest,
  desired: Desired | undefined,
): Pick<ParsedSetting, 'value' | 'secret'> {
  const name = nameOf(path);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw notAllowed(request.item, 'this is no name of an environment variable.');
  if (text.includes('\0')) throw notAllowed(request.item, 'no process can be given a value with a NUL in it.');
  const variable = variableOf(key, name, manifest, desired);
  if (variable?.port !== undefined) throw notAllowed(request.item, 'it is computed from a port.');
  if (variable?.editable === false) throw notAllowed(request.item, 'the template does not let a site change it.');
  if (request.secret !== true && variable?.secret === undefined) return { value: { text } };
  const secret = variable?.secret?.group === undefined ? `${key}/${name}` : `group/${variable.secret.group}`;
  return { value: { secret }, secret: { name: secret, text } };
}

function fileSetting(
  request: SettingRequest,
  text: string,
  key: ComponentKey,
  path: string,
  manifest: Manifest,
  desired: Desired | undefined,
): Pick<ParsedSetting, 'value' | 'file'> {
  const present = desired?.components[key];
  const mode =
    present === undefined
      ? templateComponent(key, manifest, desired)?.files.find((file) => file.path === nameOf(path))?.mode
      : valueAt<FileValue>(present, path)?.mode;
  if (mode === undefined) throw notAllowed(request.item, 'the component has no configuration file there.');
  const digest = sha256(text);
  return { value: { document: digest, mode }, file: { digest, text } };
}

function portProtocol(
  item: string,
  key: ComponentKey,
  port: string,
  manifest: Manifest,
  desired: Desired | undefined,
): 'tcp' | 'udp' {
  const found = templateComponent(key, manifest, desired)?.ports.find((one) => String(one.port) === port);
  if (found === undefined) throw notAllowed(item, 'the component has no such port.');
  return found.protocol === 'udp' ? 'udp' : 'tcp';
}

const templateComponent = (key: ComponentKey, manifest: Manifest, desired: Desired | undefined) =>
  manifest.components.find((one) => one.key === (desired?.components[key]?.templateKey ?? key));

const variableOf = (
  key: ComponentKey,
  name: string,
  manifest: Manifest,
  desired: Desired | undefined,
): EnvVariable | undefined => templateComponent(key, manifest, desired)?.env.find((one) => one.name === name);

function wholeNumber(item: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw notAllowed(item, `a whole number from ${least} to ${most} is expected, not "${text}".`);
  return number;
}

const notAllowed = (setting: string, reason: string) => new WaybillError('setting-not-allowed', { setting, reason });

/** Kept exhaustive by the type: a settable kind is an item kind. */
export const isSettable = (path: string): boolean => settable.some((kind) => kind === kindOf(path));
