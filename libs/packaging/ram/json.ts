/** A value of a JSON text, without loss: objects have no prototype, and numbers that a double would change keep their digits. */
export type JsonValue = string | boolean | null | number | NumberLiteral | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** A number as it was written, where `String(Number(text))` is another text: `1.50`, `1e3`, 20 digits. */
export interface NumberLiteral {
  readonly [digits]: string;
}

const digits = Symbol('digits');

/** The JSON number `text`: a plain number where that loses nothing. */
export function jsonNumber(text: string): number | NumberLiteral {
  const number = Number(text);
  return String(number) === text ? number : Object.freeze({ [digits]: text });
}

export const isNumberLiteral = (value: JsonValue): value is NumberLiteral =>
  typeof value === 'object' && value !== null && digits in value;

/** As it was written. */
export const numberText = (value: NumberLiteral): string => value[digits];

/** The value as a double, if it is a number. */
export function numberOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  return isNumberLiteral(value) ? Number(value[digits]) : undefined;
}

export const isJsonList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

export const isJsonObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumberLiteral(value);

/**
 * JSON text of a value with its members in order of their names and its numbers as they were written:
 * one text for one content, whatever order a writer's dictionaries happened to have.
 */
export function sortedJson(value: JsonValue): string {
  if (isNumberLiteral(value)) return value[digits];
  if (isJsonList(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Does it say nothing: null, an empty text, list or object, or a list or object of such? */
export function saysNothing(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  if (isJsonList(value)) return value.every(saysNothing);
  return isJsonObject(value) && Object.values(value).every(saysNothing);
}

/** What a message calls it. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonList(value)) return 'a list';
  if (typeof value === 'number' || isNumberLiteral(value)) return 'a number';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : 'true or false';
}

/** One step of a JSON pointer (RFC 6901). */
export const pointerStep = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
