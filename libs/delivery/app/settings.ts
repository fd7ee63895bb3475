import { sha256, type CanonicalValue, type ComponentKey, type Digest } from '@waybill/kernel';
import {
  hostNamesOf,
  readEndpoints,
  SMALLEST_MEMORY,
  templateItems,
  type EnvVariable,
  type Manifest,
  type ManifestComponent,
} from '@waybill/packaging';
import {
  itemsOfKind,
  nameOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type FileValue,
  type WorkloadValue,
} from '../domain/desired.js';
import { secretIn, type ExistingInstance } from '../domain/instanceState.js';
import { everComes, NEVER, readSchedule } from '../domain/schedule.js';
import { ROOM } from '../domain/subnets.js';
import { findItem, isCalled, notAllowed, whatThereIs, type Addressable } from './addressItem.js';
import { broughtBy } from './comingVersions.js';

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

/** What settings are checked against: the template's version, what the site has of it, and what waits already. */
export interface Settable {
  readonly manifest: Manifest;
  readonly desired?: Desired | undefined;
  readonly waiting?: ExistingInstance['settings'];
  /** Versions that it can be upgraded to, highest first: what a component that they bring is to be is set before. */
  readonly coming?: readonly Manifest[];
}

/** Is every item one of a component that is there? */
export const arePresent = (items: readonly string[], { components }: Desired): boolean =>
  items.every((item) => Object.values(components).some((one) => isCalled(one, componentIn(item))));

const componentIn = (item: string): string => item.slice(0, Math.max(item.indexOf('/'), 0));

/** The components that can have settings. */
export function addressable({ manifest, desired, coming = [] }: Settable): readonly Addressable[] {
  if (desired === undefined) return componentsToBe(manifest);
  const present = Object.values(desired.components);
  return [...present, ...broughtBy(coming, present)];
}

/** The item that a person means; a component that is there goes before one that is to come. @throws those of `findItem` */
export const findSettable = (item: string, known: Settable): ReturnType<typeof findItem> =>
  findItem(
    item,
    addressable(known.desired !== undefined && arePresent([item], known.desired) ? { ...known, coming: [] } : known),
  );

/** A component as its template has it: the installed version's, or that of the version which brings it. */
export function templateSide(key: ComponentKey, { manifest, desired, coming = [] }: Settable) {
  const here = desired?.components[key];
  return here === undefined ? sideIn([manifest, ...coming], key) : sideIn([manifest], here.templateKey);
}

/** A component in the first of the manifests that has it. */
export function sideIn(
  manifests: readonly Manifest[],
  key: string,
): { readonly template: ManifestComponent | undefined; readonly inTemplate: Readonly<Record<string, CanonicalValue>> } {
  for (const manifest of manifests) {
    const template = manifest.components.find((one) => one.key === key);
    if (template !== undefined) return { template, inTemplate: templateItems(template, manifest) };
  }
  return { template: undefined, inTemplate: {} };
}

/** Of a version of which nothing is installed, as an install will call them. */
export function componentsToBe(manifest: Manifest): readonly Required<Addressable>[] {
  const hosts = hostNamesOf(manifest);
  return manifest.components.map(({ key, name }) => ({ key, name, host: hosts.get(key) ?? name }));
}

/** Checks a request against what the template and the site have. @throws WaybillError `setting-not-allowed` and those of `findItem` */
export function parseSetting(request: SettingRequest, known: Settable): ParsedSetting {
  const { component, path } = findSettable(request.item, known);
  const kind = settableKind(request.item, path);
  const about = aboutItem(request.item, component.key, path, known);
  const target = { component: component.key, path };
  if (request.secret === true && kind !== 'env')
    throw notAllowed(request.item, 'only environment values can be secret.');
  if (request.value === null) {
    refuseNothingToGiveBack(about);
    return { ...target, value: null };
  }
  if (!request.value.isWellFormed()) throw notAllowed(request.item, 'its value is no Unicode text.');
  switch (kind) {
    case 'env':
      return { ...target, ...envSetting(about, request.value, request.secret === true) };
    case 'file':
      return { ...target, ...fileSetting(about, request.value) };
    case 'publish':
      return { ...target, value: publishSetting(about, request.value) };
    case 'schedule':
      return { ...target, value: scheduleSetting(about, request.value) };
    case 'endpoints':
      return { ...target, value: endpointsSetting(about, request.value) };
    case 'replicas':
      return { ...target, value: replicasSetting(about, request.value) };
    case 'memory':
      return { ...target, value: amount(about.item, request.value, 'MiB', SMALLEST_MEMORY) };
    case 'cpu':
      return { ...target, value: amount(about.item, request.value, 'millicores', SMALLEST_CPU) };
  }
}

/** What engines take at least. */
const SMALLEST_CPU = 10;

const settable = ['env', 'file', 'publish', 'schedule', 'endpoints', 'memory', 'cpu', 'replicas'] as const;
const named: ReadonlySet<(typeof settable)[number]> = new Set(['env', 'file', 'publish']);

function settableKind(item: string, path: string): (typeof settable)[number] {
  const found = settable.find((one) => path === one || path.startsWith(`${one}/`));
  if (found === undefined || (nameOf(path) === '') === named.has(found)) {
    throw notAllowed(
      item,
      'a site sets env/NAME, file/PATH, publish/PORT, schedule, endpoints, memory, cpu and replicas; the rest is the template’s.',
    );
  }
  return found;
}

/** One item of one component, on every side. */
interface About {
  readonly item: string;
  readonly path: string;
  readonly key: ComponentKey;
  readonly here: DesiredComponent | undefined;
  readonly template: ManifestComponent | undefined;
  readonly inTemplate: Readonly<Record<string, CanonicalValue>>;
  readonly waiting: CanonicalValue | undefined;
}

const aboutItem = (item: string, key: ComponentKey, path: string, known: Settable): About => ({
  item,
  path,
  key,
  here: known.desired?.components[key],
  ...templateSide(key, known),
  waiting: known.waiting?.[`${key}/${path}`]?.value,
});

const present = ({ path, here, waiting }: About): CanonicalValue | undefined => waiting ?? here?.items[path]?.value;

function refuseNothingToGiveBack(about: About): void {
  const { item, path, here, template, inTemplate } = about;
  if (template === undefined)
    throw notAllowed(
      item,
      'the installed version does not have this component any more, so there is nothing to give it back to.',
    );
  if (present(about) !== undefined || inTemplate[path] !== undefined) return;
  if (here?.items[`port/${nameOf(path)}`] !== undefined && path.startsWith('publish/')) return;
  const paths = Object.keys({ ...inTemplate, ...here?.items }).filter(isSettable);
  throw notAllowed(item, `there is no such setting to give back; ${whatThereIs(path, paths, 'there are none')}`);
}

function envSetting(about: About, text: string, sealed: boolean): Pick<ParsedSetting, 'value' | 'secret'> {
  const name = nameOf(about.path);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw notAllowed(about.item, 'this is no name of an environment variable.');
  if (text.includes('\0')) throw notAllowed(about.item, 'no process can be given a value with a NUL in it.');
  const variable = about.template?.env.find((one) => one.name === name);
  if (variable?.port !== undefined) throw notAllowed(about.item, 'it is computed from a port.');
  if (variable?.editable === false)
    throw notAllowed(about.item, 'the template says that a site may not change it (is_change: false).');
  // What was sealed once is not shown by the next value.
  const secret =
    secretIn(present(about)) ?? (sealed || variable?.secret !== undefined ? secretOf(about, variable) : undefined);
  return secret === undefined ? { value: { text } } : { value: { secret }, secret: { name: secret, text } };
}

const secretOf = ({ key, path }: About, variable: EnvVariable | undefined): string =>
  variable?.secret?.group === undefined ? `${key}/${nameOf(path)}` : `group/${variable.secret.group}`;

function fileSetting(about: About, text: string): Pick<ParsedSetting, 'value' | 'file'> {
  const { here, template, path, item } = about;
  const files =
    here === undefined
      ? (template?.files ?? [])
      : itemsOfKind<FileValue>(here, 'file').map(({ name, value }) => ({ path: name, mode: value.mode }));
  const mode = files.find((file) => file.path === nameOf(path))?.mode;
  if (mode === undefined) {
    const others = files.map((file) => file.path);
    throw notAllowed(
      item,
      `the component has no configuration file there; ${whatThereIs(nameOf(path), others, 'it has none')}`,
    );
  }
  const digest = sha256(text);
  return { value: { document: digest, mode }, file: { digest, text } };
}

/** `auto`: any free port of the host; `none`: not published. `publish/80/1` is the second replica's. */
function publishSetting({ item, path, here, inTemplate }: About, text: string): CanonicalValue {
  const [, containerPort = nameOf(path)] = /^(\d+)\/[1-9]\d?$/.exec(nameOf(path)) ?? [];
  const port = (here?.items[`port/${containerPort}`]?.value ?? inTemplate[`port/${containerPort}`]) as
    { readonly protocol: string } | undefined;
  if (port === undefined) {
    const ports = Object.keys({ ...inTemplate, ...here?.items }).filter((one) => one.startsWith('port/'));
    const others = [...new Set(ports.map(nameOf))];
    throw notAllowed(item, `the component has no such port; ${whatThereIs(nameOf(path), others, 'it has none')}`);
  }
  if (text === 'auto') return true;
  if (text === 'none') return false;
  const hostPort = wholeNumber(text, 1, 65_535);
  if (hostPort === undefined)
    throw notAllowed(item, `a port of the host from 1 to 65535, auto or none is expected, not "${text}".`);
  return { hostPort, protocol: port.protocol === 'udp' ? 'udp' : 'tcp' };
}

/** When it runs: five fields, in UTC unless a time zone stands before them; or never. */
function scheduleSetting({ item, template, here }: About, text: string): string {
  const kind =
    (here === undefined ? undefined : valueAt<WorkloadValue>(here, 'workload')?.kind) ?? template?.workload.kind;
  if (kind !== 'cron')
    throw notAllowed(
      item,
      'the component does not run at times; a variable of that name is written <component>/env/schedule.',
    );
  if (text === NEVER) return text;
  const schedule = readSchedule(text);
  if (schedule === undefined)
    throw notAllowed(
      item,
      `five fields (minute, hour, day, month, weekday) are expected, such as "0 3 * * *", in UTC or after CRON_TZ=Europe/Berlin; or ${NEVER}.`,
    );
  if (!everComes(schedule))
    throw notAllowed(item, `"${schedule.text}" names a time that never comes; to keep it from running say ${NEVER}.`);
  return text.trim();
}

/** Where a component answers that runs elsewhere: addresses, as a package says them. */
function endpointsSetting({ item, template, here }: About, text: string): string {
  const kind =
    (here === undefined ? undefined : valueAt<WorkloadValue>(here, 'workload')?.kind) ?? template?.workload.kind;
  if (kind !== 'external')
    throw notAllowed(item, 'the component runs here; only one that runs elsewhere has endpoints.');
  const { usable, unusable } = readEndpoints(text);
  if (usable.length === 0 || unusable.length > 0)
    throw notAllowed(item, 'addresses are expected, parted by commas, such as 10.0.0.5:3306 or db.example.org.');
  return text;
}

function replicasSetting({ item, template, here }: About, text: string): number {
  const kind =
    (here === undefined ? undefined : valueAt<{ kind: string }>(here, 'workload')?.kind) ?? template?.workload.kind;
  if (kind !== undefined && kind !== 'service') throw notAllowed(item, `a component of the kind ${kind} runs once.`);
  const allowed = template?.replicas.max ?? ROOM;
  if (allowed === 1) throw notAllowed(item, 'the template says that there is never more than one of it.');
  const replicas = wholeNumber(text, 1, Math.min(allowed, ROOM));
  if (replicas !== undefined) return replicas;
  throw notAllowed(
    item,
    allowed > ROOM
      ? `the instance’s network has room for a whole number from 1 to ${ROOM}, not "${text}".`
      : `the template allows a whole number from 1 to ${allowed}, not "${text}".`,
  );
}

const LARGEST = 16_777_216;

function amount(item: string, text: string, unit: string, least: number): number {
  const found = text === '0' ? 0 : wholeNumber(text, least, LARGEST);
  if (found === undefined)
    throw notAllowed(
      item,
      `a whole number of ${unit} from ${least} to ${LARGEST}, or 0 for no limit, is expected, not "${text}".`,
    );
  return found;
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const number = Number(text);
  return /^\d{1,15}$/.test(text) && number >= least && number <= most ? number : undefined;
}

/** Is it an item that a site may own? */
export const isSettable = (path: string): boolean =>
  settable.some((kind) => path === kind || path.startsWith(`${kind}/`));
