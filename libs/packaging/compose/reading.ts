import type { ComponentKey } from '@waybill/kernel';
import { isJsonList, isJsonObject, kindOf, pointerStep, type JsonObject, type JsonValue } from '../ram/json.js';
import { subjectOf, type Carrying } from '../ram/carrying.js';
import type { Fate } from './attributes.js';
import type { Interpolated, Variables } from './interpolate.js';
import type { Problems } from './problems.js';
import type { ServiceExtension } from './waybillBlock.js';

/** A Compose file while it is made into a manifest. */
export interface Reading {
  /** The file with its variables put in. */
  readonly file: JsonObject;
  /** What texts were made of that name variables, by JSON pointer. */
  readonly marks: ReadonlyMap<string, Interpolated>;
  readonly variables: Variables;
  /** Texts of the files beside it, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly kept: Carrying;
  readonly problems: Problems;
  /** Those that become components, by their name in the file. */
  readonly services: ReadonlyMap<string, Service>;
}

export interface Service {
  readonly name: string;
  readonly key: ComponentKey;
  /** JSON pointer. */
  readonly at: string;
  readonly body: JsonObject;
  readonly extension: ServiceExtension;
}

/** A value where it stands. */
export interface Placed {
  readonly value: JsonValue;
  readonly at: string;
}

export const member = ({ value, at }: Placed, name: string): Placed => ({
  value: (isJsonObject(value) ? value[name] : null) ?? null,
  at: at + pointerStep(name),
});

export const attribute = ({ body, at }: Service, name: string): Placed => member({ value: body, at }, name);

type Told = Pick<Reading, 'problems'>;

/** The text that stands there; null is none. */
export function textAt({ problems }: Told, { value, at }: Placed): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  problems.refuse(at, `a text was expected, but there is ${kindOf(value)}`);
  return undefined;
}

/** The members of a map, in order. */
export function membersOf({ problems }: Told, { value, at }: Placed): readonly (Placed & { readonly name: string })[] {
  if (value === null) return [];
  if (isJsonObject(value))
    return Object.entries(value).map(([name, each]) => ({ name, value: each, at: at + pointerStep(name) }));
  problems.refuse(at, `a map was expected, but there is ${kindOf(value)}`);
  return [];
}

/** The items of a list; where `one` is allowed, a single text is a list of one. */
export function itemsOf({ problems }: Told, { value, at }: Placed, one = false): readonly Placed[] {
  if (value === null) return [];
  if (isJsonList(value)) return value.map((each, index) => ({ value: each, at: `${at}/${index}` }));
  if (one) return [{ value, at }];
  problems.refuse(at, `a list was expected, but there is ${kindOf(value)}`);
  return [];
}

export const textsOf = (told: Told, placed: Placed, one = false): readonly string[] =>
  itemsOf(told, placed, one).flatMap((item) => textAt(told, item) ?? []);

export function wholeNumber(told: Told, placed: Placed): number | undefined {
  const text = textAt(told, placed);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  told.problems.refuse(placed.at, `"${text}" is no whole number`);
  return undefined;
}

export const flag = (told: Told, placed: Placed): boolean => {
  const text = textAt(told, placed);
  if (text !== undefined && text !== 'true' && text !== 'false')
    told.problems.refuse(placed.at, `"${text}" is neither true nor false`);
  return text === 'true';
};

/** Keeps what cannot be applied here, and says so. */
export const list = (
  { kept }: Pick<Reading, 'kept'>,
  service: Pick<Service, 'key'> | undefined,
  name: string,
  content: JsonValue,
): void =>
  kept.carry({
    kind: 'compose-attribute',
    name,
    ...(service === undefined ? {} : { component: service.key }),
    content,
  });

export const subject = ({ key }: Service): string => subjectOf(key);

/** Deals with every member that is not mapped: it is refused, or kept and listed. */
export function sortAttributes(
  reading: Pick<Reading, 'kept' | 'problems'>,
  service: Service | undefined,
  placed: Placed,
  fates: Readonly<Record<string, Fate>>,
  usual: Readonly<Record<string, readonly string[]>> = {},
  prefix = '',
): void {
  for (const { name, value, at } of membersOf(reading, placed)) {
    if (name === 'x-waybill' || saysNothing(value)) continue;
    if (typeof value === 'string' && usual[name]?.includes(value) === true) continue;
    const fate = Object.hasOwn(fates, name) ? fates[name] : undefined;
    if (fate === 'mapped') continue;
    if (fate === 'listed' || name.startsWith('x-')) list(reading, service, prefix + name, value);
    else reading.problems.refuse(at, fate?.refused ?? 'the Compose Specification has no such attribute');
  }
}

const saysNothing = (value: JsonValue): boolean =>
  value === null ||
  (isJsonList(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);
