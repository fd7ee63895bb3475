import { withoutUndefined } from '@waybill/kernel';
import type { ComponentPort, EnvVariable } from '../manifest.js';
import { isJsonList } from '../ram/json.js';
import { byText } from '../ram/order.js';
import { namesSecret, SECRET } from '../ram/suspicions.js';
import { tellOfConnection, tellOfText } from '../ram/tellOfText.js';
import { readEnvFile } from './envFile.js';
import type { Interpolated } from './interpolate.js';
import { namedFile } from './files.js';
import { attribute, flag, itemsOf, member, membersOf, subject, textAt, type Reading, type Service } from './reading.js';

interface Stated {
  readonly value: string;
  readonly made?: Interpolated | undefined;
  /** Nothing says what it is. */
  readonly asked?: boolean;
  readonly fromFile?: boolean;
}

/** The variables of a service, those of its files first; sorted by name. */
export function environmentOf(
  reading: Reading,
  service: Service,
  ports: readonly ComponentPort[],
): readonly EnvVariable[] {
  const stated = new Map<string, Stated>([...fromFiles(reading, service), ...written(reading, service)]);
  for (const list of ['change', 'offer'] as const)
    for (const name of service.extension[list])
      if (!stated.has(name))
        reading.problems.refuse(`${service.at}/x-waybill/${list}`, `the service has no variable ${name}`);
  return [...stated]
    .filter(([name, { value }]) => usable(reading, service, name, value))
    .map(([name, variable]) => variableOf(reading, service, name, variable, ports))
    .sort(byText(({ name }) => [name]));
}

function variableOf(
  reading: Reading,
  service: Service,
  name: string,
  variable: Stated,
  ports: readonly ComponentPort[],
): EnvVariable {
  const { offer, labels } = service.extension;
  const { value } = variable;
  const offered = offer.has(name);
  const group = SECRET.exec(value.trim())?.groups?.['group'];
  const editable = service.extension.change.has(name) || mayChange(variable, group);
  const port = offered ? portOf(service, name, value, ports) : undefined;
  if (hasNoValue(variable))
    reading.kept.tell('variable-unset', subject(service), `The variable ${name} has no value: a site is to give one.`);
  else if (group === undefined) tellOf(reading, service, name, value, editable || offered);
  return {
    name,
    value: group === undefined ? value : '',
    scope: offered ? 'offered' : 'own',
    ...withoutUndefined({ label: labels.get(name) }),
    editable,
    ...withoutUndefined({ port, secret: group === undefined ? undefined : { group } }),
  };
}

const hasNoValue = ({ asked, made }: Stated): boolean =>
  asked === true || (made !== undefined && made.unset.length > 0);

/** What Compose would take from its surroundings, a site may give: but for what is generated. */
const mayChange = ({ asked, fromFile, made }: Stated, group: string | undefined): boolean =>
  asked === true || fromFile === true || (made !== undefined && group === undefined);

function tellOf(reading: Reading, service: Service, name: string, value: string, variable: boolean): void {
  tellOfText(
    {
      subject: subject(service),
      what: `The variable ${name}`,
      text: value,
      secret: namesSecret(name, value) ? 'looks like a secret and stands' : undefined,
    },
    reading.kept,
  );
  const others = [...reading.services.keys()].filter((other) => other !== service.name);
  tellOfConnection({ subject: subject(service), name, value, isVariable: variable }, others, reading.kept);
}

/** Offered `…_PORT` and `…_HOST` variables that say what Waybill computes are computed. */
function portOf(
  { name: host }: Service,
  name: string,
  value: string,
  ports: readonly ComponentPort[],
): number | undefined {
  const [only] = ports;
  if (name.endsWith('_PORT')) return ports.find(({ port }) => String(port) === value)?.port;
  return name.endsWith('_HOST') && value === host && ports.length === 1 ? only?.port : undefined;
}

function usable({ problems }: Reading, service: Service, name: string, value: string): boolean {
  if (name !== '' && !/[=\0]/.test(name) && !value.includes('\0')) return true;
  problems.refuse(`${service.at}/environment`, `no container can be given the variable "${name}"`);
  return false;
}

function fromFiles(reading: Reading, service: Service): readonly (readonly [string, Stated])[] {
  return itemsOf(reading, attribute(service, 'env_file'), true).flatMap((item) => {
    const [path, required, format] = [member(item, 'path'), member(item, 'required'), member(item, 'format')];
    const long = typeof item.value !== 'string';
    const optional = long && required.value !== null && !flag(reading, required);
    const file = namedFile(reading, long ? path : item, optional);
    if (file === undefined) return [];
    const raw = long && textAt(reading, format) === 'raw';
    const wrong = (line: number) => reading.problems.refuse(item.at, `line ${line} of ${file.path} is no NAME=value`);
    return readEnvFile(file.text, reading.variables, wrong, raw).map(({ name, value }) => [
      name,
      { value: value.text, made: value, fromFile: true },
    ]);
  });
}

function written(reading: Reading, service: Service): readonly (readonly [string, Stated])[] {
  const placed = attribute(service, 'environment');
  if (!isJsonList(placed.value))
    return membersOf(reading, placed).map((each) => [
      each.name,
      stated(reading, each.name, textAt(reading, each), each.at),
    ]);
  return itemsOf(reading, placed).flatMap((item) => {
    const text = textAt(reading, item);
    if (text === undefined) return [];
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    return [[name, stated(reading, name, at < 0 ? undefined : text.slice(at + 1), item.at)]];
  });
}

/** A variable without value is taken from where Compose runs: from `.env`, else the site is asked. */
function stated({ marks, variables }: Reading, name: string, value: string | undefined, at: string): Stated {
  if (value !== undefined) return { value, made: marks.get(at) };
  if (variables.generated.has(name)) return { value: `**None:${name}**` };
  const known = variables.stated.get(name);
  return known === undefined ? { value: '', asked: true } : { value: known, fromFile: true };
}
