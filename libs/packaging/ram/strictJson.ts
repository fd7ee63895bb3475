import { WaybillError } from '@waybill/kernel';
import { jsonNumber, pointerStep, type JsonObject, type JsonValue } from './json.js';

/** How large and how deep a JSON text may be, and how many values it may hold: one of two bytes takes a hundred in memory. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly values: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INDEX = /^\d{1,10}$/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const WORDS = { t: ['true', true], f: ['false', false], n: ['null', null] } as const;

/**
 * Reads a JSON text more strictly than `JSON.parse`: UTF-8 must be valid (a byte order mark is skipped), a member may stand once only
 * (two readers would see different values), texts must be well-formed Unicode, numbers keep their digits, and depth, size and the number of values
 * are limited. One pass; `what` is what messages call the text.
 * @throws WaybillError `package-metadata-invalid` with a JSON pointer, `package-limit-exceeded`
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits, what = 'metadata.json'): JsonValue {
  if (bytes.length > limits.bytes) throw exceeded(`The size of ${what} in bytes`, limits.bytes);
  const text = decoded(bytes);
  let position = 0;
  let values = 0;
  // Where the value being read stands. A pointer is made of it only when it is needed: never, in most texts.
  const steps: (string | number)[] = [];
  const here = () => steps.map(pointerStep).join('');

  function value(): JsonValue {
    if (steps.length >= limits.depth) throw exceeded(`The depth of ${what}`, limits.depth, here());
    if (++values > limits.values) throw exceeded(`The number of values in ${what}`, limits.values, here());
    skipBlank();
    const first = text[position];
    switch (first) {
      case '{':
        return object();
      case '[':
        return list();
      case '"':
        return string();
      case 't':
      case 'f':
      case 'n': {
        const [word, meaning] = WORDS[first];
        if (!text.startsWith(word, position)) throw unexpected('a value');
        position += word.length;
        return meaning;
      }
      default:
        return number();
    }
  }

  function object(): JsonObject {
    const members = new Members();
    position++;
    if (nextIs('}')) return members;
    do {
      skipBlank();
      if (text[position] !== '"') throw unexpected('the name of a member');
      const name = string();
      steps.push(name);
      if (Object.hasOwn(members, name)) throw invalid(here(), 'the member stands there twice');
      if (!nextIs(':')) {
        steps.pop();
        throw unexpected('":"');
      }
      setMember(members, name, value());
      steps.pop();
    } while (nextIs(','));
    if (!nextIs('}')) throw unexpected('"," or "}"');
    return members;
  }

  function list(): readonly JsonValue[] {
    const items: JsonValue[] = [];
    position++;
    if (nextIs(']')) return items;
    do {
      steps.push(items.length);
      items.push(value());
      steps.pop();
    } while (nextIs(','));
    if (!nextIs(']')) throw unexpected('"," or "]"');
    // A list that grew has room for sixteen more.
    return items.length < 16 ? items.slice() : items;
  }

  function string(): string {
    const start = position++;
    let escaped = false;
    for (;;) {
      const code = text.charCodeAt(position);
      if (Number.isNaN(code)) throw unexpected('the end of a text');
      if (code < 0x20) throw unexpected('no control character in a text');
      position += code === BACKSLASH ? 2 : 1;
      if (code === QUOTE) break;
      escaped ||= code === BACKSLASH;
    }
    // Decoded UTF-8 is well-formed; only an escape can spell half a surrogate pair.
    return escaped ? unescaped(start) : text.slice(start + 1, position - 1);
  }

  function unescaped(start: number): string {
    let content: string;
    try {
      content = JSON.parse(text.slice(start, position)) as string;
    } catch (cause) {
      throw invalid(here(), `a text holds an escape that JSON does not know${where(start)}`, cause);
    }
    if (!content.isWellFormed()) throw invalid(here(), 'a text holds half of a surrogate pair');
    return content;
  }

  function number(): JsonValue {
    NUMBER.lastIndex = position;
    const found = NUMBER.exec(text)?.[0];
    if (found === undefined) throw unexpected('a value');
    position += found.length;
    return jsonNumber(found);
  }

  function nextIs(character: string): boolean {
    skipBlank();
    if (text[position] !== character) return false;
    position++;
    return true;
  }

  function skipBlank(): void {
    for (;;) {
      const code = text.charCodeAt(position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      position++;
    }
  }

  const unexpected = (expected: string) => {
    const found = position < text.length ? JSON.stringify(text[position]) : 'the end';
    return invalid(here(), `${expected} was expected, but there is ${found}${where(position)}`);
  };

  function where(offset: number): string {
    let line = 1;
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
      line++;
      start = end + 1;
    }
    return ` (line ${line}, column ${offset - start + 1})`;
  }

  const whole = value();
  skipBlank();
  if (position < text.length) throw unexpected('nothing more');
  return whole;
}

/**
 * An object that inherits nothing, so that a member called `__proto__` is a member like any other. `Object.create(null)` would do the same,
 * but takes 200 bytes where this takes 30, and a package may hold very many.
 */
const Members = function () {
  // Members come as they are read.
} as unknown as new () => Record<string, JsonValue>;
Members.prototype = Object.freeze(Object.create(null) as object) as never;

/** An engine keeps members that are called by numbers in a list with holes: `{"1000":0}` would take 12 kB. One that cannot be written is kept apart. */
function setMember(members: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (INDEX.test(name)) Object.defineProperty(members, name, { value, enumerable: true });
  else members[name] = value;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('', 'it is not UTF-8', cause);
  }
}

/** The error for metadata that cannot be read; `at` is a JSON pointer. */
export const invalid = (at: string, reason: string, cause?: unknown) =>
  new WaybillError(
    'package-metadata-invalid',
    { at: at === '' ? '/' : at, reason: `${reason}.` },
    { cause, points: [{ pointer: at, message: reason }] },
  );

const exceeded = (what: string, limit: number, at = '') =>
  new WaybillError('package-limit-exceeded', { what, limit, entry: at === '' ? '/' : at });
