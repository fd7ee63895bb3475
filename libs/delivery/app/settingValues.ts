import { sha256, type CanonicalValue, type ComponentKey, type Digest } from '@waybill/kernel';
import { readEndpoints, type EnvVariable, type ManifestComponent } from '@waybill/packaging';
import {
  itemsOfKind,
  nameOf,
  valueAt,
  type DesiredComponent,
  type FileValue,
  type WorkloadValue,
} from '../domain/desired.js';
import { secretIn } from '../domain/instanceState.js';
import { everComes, NEVER, readSchedule } from '../domain/schedule.js';
import { ROOM } from '../domain/subnets.js';
import { notAllowed, whatThereIs } from './addressItem.js';

import { isSettable } from './settingKinds.js';

/** A request understood: which component, which item, what value. A secret's or a file's text is kept apart. */
export interface ParsedSetting {
  readonly component: ComponentKey;
  readonly path: string;
  readonly value: CanonicalValue;
  readonly secret?: { readonly name: string; readonly text: string };
  readonly file?: { readonly digest: Digest; readonly text: string };
}

/** One item of one component, on every side. */
export interface About {
  readonly item: string;
  readonly path: string;
  readonly key: ComponentKey;
  readonly here: DesiredComponent | undefined;
  readonly template: ManifestComponent | undefined;
  readonly inTemplate: Readonly<Record<string, CanonicalValue>>;
  readonly waiting: CanonicalValue | undefined;
}

const present = ({ path, here, waiting }: About): CanonicalValue | undefined => waiting ?? here?.items[path]?.value;

export function refuseNothingToGiveBack(about: About): void {
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

export function envSetting(about: About, text: string, sealed: boolean): Pick<ParsedSetting, 'value' | 'secret'> {
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

export function fileSetting(about: About, text: string): Pick<ParsedSetting, 'value' | 'file'> {
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
export function publishSetting({ item, path, here, inTemplate }: About, text: string): CanonicalValue {
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
export function scheduleSetting({ item, template, here }: About, text: string): string {
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
export function endpointsSetting({ item, template, here }: About, text: string): string {
  const kind =
    (here === undefined ? undefined : valueAt<WorkloadValue>(here, 'workload')?.kind) ?? template?.workload.kind;
  if (kind !== 'external')
    throw notAllowed(item, 'the component runs here; only one that runs elsewhere has endpoints.');
  const { usable, unusable } = readEndpoints(text);
  if (usable.length === 0 || unusable.length > 0)
    throw notAllowed(item, 'addresses are expected, parted by commas, such as 10.0.0.5:3306 or db.example.org.');
  return text;
}

export function replicasSetting({ item, template, here }: About, text: string): number {
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

export function amount(item: string, text: string, unit: string, least: number): number {
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
