import {
  isJsonList,
  isJsonObject,
  kindOf,
  numberOf,
  pointerStep,
  saysNothing,
  sortedJson,
  type JsonObject,
  type JsonValue,
} from './json.js';
import { invalid } from './strictJson.js';

/** A member that no reader asked for. */
export interface UnreadField {
  /** Where it stands, lists by what their items are called: `port_map_list[80].foo`. */
  readonly path: string;
  readonly value: JsonValue;
}

/**
 * The members of one object of the metadata, read by name and type. null counts as absent, as the reference system's readers have it.
 * What was never asked for is not lost: `unread` lists it. Every reader throws `package-metadata-invalid` with a JSON pointer on a wrong type.
 */
export interface Fields {
  readonly at: string;
  readonly whole: JsonObject;
  /** Absent is empty. */
  text(name: string): string;
  integer(name: string, range?: { readonly min: number; readonly max: number }): number | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): readonly string[];
  /** The members of an object of texts. */
  textMap(name: string): readonly { readonly name: string; readonly value: string }[];
  object(name: string): Fields | undefined;
  objects(name: string): readonly Fields[];
  value(name: string): JsonValue;
  /** Known, and rightly no part of a manifest. */
  ignore(...names: readonly string[]): void;
  /** What `unread` calls this item of a list. */
  called(label: string | number): void;
  /** Members nobody asked for, here and below, but for the list `except`, whose items report their own. */
  unread(except?: string): readonly UnreadField[];
  refused(name: string, reason: string): Error;
}

const ANY = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

export function fields(value: JsonValue, at: string): Fields {
  if (!isJsonObject(value)) throw invalid(at, `an object was expected, but there is ${kindOf(value)}`);
  const read = new Set<string>();
  const children: { readonly member: string; readonly path: () => string; readonly fields: Fields }[] = [];
  let label: string | number = '';

  const pointer = (name: string) => at + pointerStep(name);
  const member = (name: string): JsonValue => {
    read.add(name);
    return value[name] ?? null;
  };
  const wrong = (name: string, expected: string, found: JsonValue) =>
    invalid(pointer(name), `${expected} was expected, but there is ${kindOf(found)}`);
  const list = (name: string): readonly JsonValue[] => {
    const found = member(name);
    if (found === null) return [];
    if (!isJsonList(found)) throw wrong(name, 'a list', found);
    return found;
  };

  const self: Fields & { readonly label: () => string | number } = {
    at,
    whole: value,
    label: () => label,
    text(name) {
      const found = member(name);
      if (found === null) return '';
      if (typeof found !== 'string') throw wrong(name, 'a text', found);
      return found;
    },
    integer(name, range = ANY) {
      const found = member(name);
      if (found === null) return undefined;
      const number = numberOf(found);
      if (number === undefined) throw wrong(name, 'a whole number', found);
      if (!Number.isSafeInteger(number))
        throw invalid(pointer(name), `a whole number was expected, but there is ${sortedJson(found)}`);
      if (number < range.min || number > range.max)
        throw invalid(pointer(name), `${number} is not between ${range.min} and ${range.max}`);
      return number === 0 ? 0 : number;
    },
    flag(name) {
      const found = member(name);
      if (found === null) return undefined;
      if (typeof found !== 'boolean') throw wrong(name, 'true or false', found);
      return found;
    },
    texts: (name) =>
      list(name).map((item, i) => {
        if (typeof item !== 'string')
          throw invalid(pointer(name) + pointerStep(i), `a text was expected, but there is ${kindOf(item)}`);
        return item;
      }),
    textMap(name) {
      const found = member(name);
      if (found === null) return [];
      if (!isJsonObject(found)) throw wrong(name, 'an object', found);
      return Object.entries(found).map(([key, item]) => {
        if (item !== null && typeof item !== 'string')
          throw invalid(pointer(name) + pointerStep(key), `a text was expected, but there is ${kindOf(item)}`);
        return { name: key, value: item ?? '' };
      });
    },
    object(name) {
      const found = member(name);
      if (found === null) return undefined;
      const child = fields(found, pointer(name));
      children.push({ member: name, path: () => name, fields: child });
      return child;
    },
    objects: (name) =>
      list(name).map((item, i) => {
        const child = fields(item, pointer(name) + pointerStep(i)) as typeof self;
        children.push({ member: name, path: () => `${name}[${child.label()}]`, fields: child });
        return child;
      }),
    value: member,
    ignore: (...names) => names.forEach((name) => read.add(name)),
    called(text) {
      label = text;
    },
    unread: (except) => [
      ...Object.entries(value)
        .filter(([name, item]) => !read.has(name) && !saysNothing(item))
        .map(([name, item]) => ({ path: name, value: item })),
      ...children
        .filter(({ member }) => member !== except)
        .flatMap((child) =>
          child.fields.unread().map((field) => ({ path: `${child.path()}.${field.path}`, value: field.value })),
        ),
    ],
    refused: (name, reason) => invalid(pointer(name), reason),
  };
  return self;
}
