import { WaybillError } from '@waybill/kernel';
import { jsonNumber, pointerStep, type JsonObject, type JsonValue } from './json.js';

/** How large and how deep a JSON text may be. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\n\r]*/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON text more strictly than `JSON.parse`: UTF-8 must be valid (a byte order mark is skipped), a member may stand once only
 * (two readers would see different values), texts must be well-formed Unicode, numbers keep their digits, and depth and size are limited.
 * @throws WaybillError `package-metadata-invalid` with a JSON pointer, `package-limit-exceeded`
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): JsonValue {
  if (bytes.length > limits.bytes) throw exceeded('The size of metadata.json', limits.bytes);
  const text = decoded(bytes);
  let position = 0;

  function value(at: string, depth: number): JsonValue {
    if (depth > limits.depth) throw exceeded('The depth of metadata.json', limits.depth, at);
    skipBlank();
    switch (text[position]) {
      case '{':
        return object(at, depth);
      case '[':
        return list(at, depth);
      case '"':
        return string(at);
      default:
        return word('true', true) ?? word('false', false) ?? (word('null', null) === null ? null : number(at));
    }
  }

  function object(at: string, depth: number): JsonObject {
    // Without a prototype, a member called __proto__ is a member like any other.
    const members = Object.create(null) as Record<string, JsonValue>;
    position++;
    if (nextIs('}')) return members;
    do {
      skipBlank();
      if (text[position] !== '"') throw unexpected(at, 'the name of a member');
      const name = string(at);
      if (Object.hasOwn(members, name)) throw invalid(at + pointerStep(name), 'the member stands there twice');
      if (!nextIs(':')) throw unexpected(at, '":"');
      members[name] = value(at + pointerStep(name), depth + 1);
    } while (nextIs(','));
    if (!nextIs('}')) throw unexpected(at, '"," or "}"');
    return members;
  }

  function list(at: string, depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    position++;
    if (nextIs(']')) return items;
    do items.push(value(at + pointerStep(items.length), depth + 1));
    while (nextIs(','));
    if (!nextIs(']')) throw unexpected(at, '"," or "]"');
    return items;
  }

  function string(at: string): string {
    const start = position++;
    let escaped = false;
    for (;;) {
      const code = text.charCodeAt(position);
      if (Number.isNaN(code)) throw unexpected(at, 'the end of a text');
      if (code < 0x20) throw unexpected(at, 'no control character in a text');
      position += code === BACKSLASH ? 2 : 1;
      if (code === QUOTE) break;
      escaped ||= code === BACKSLASH;
    }
    // Decoded UTF-8 is well-formed; only an escape can spell half a surrogate pair.
    return escaped ? unescaped(start, at) : text.slice(start + 1, position - 1);
  }

  function unescaped(start: number, at: string): string {
    let content: string;
    try {
      content = JSON.parse(text.slice(start, position)) as string;
    } catch (cause) {
      throw invalid(at, `a text holds an escape that JSON does not know${where(start)}`, cause);
    }
    if (!content.isWellFormed()) throw invalid(at, 'a text holds half of a surrogate pair');
    return content;
  }

  function number(at: string): JsonValue {
    NUMBER.lastIndex = position;
    const found = NUMBER.exec(text)?.[0];
    if (found === undefined) throw unexpected(at, 'a value');
    position += found.length;
    return jsonNumber(found);
  }

  function word<T>(name: string, meaning: T): T | undefined {
    if (!text.startsWith(name, position)) return undefined;
    position += name.length;
    return meaning;
  }

  function nextIs(character: string): boolean {
    skipBlank();
    if (text[position] !== character) return false;
    position++;
    return true;
  }

  function skipBlank(): void {
    BLANK.lastIndex = position;
    BLANK.exec(text);
    position = BLANK.lastIndex;
  }

  const unexpected = (at: string, expected: string) => {
    const found = position < text.length ? JSON.stringify(text[position]) : 'the end';
    return invalid(at, `${expected} was expected, but there is ${found}${where(position)}`);
  };

  function where(offset: number): string {
    const before = text.slice(0, offset).split('\n');
    return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`;
  }

  const whole = value('', 1);
  skipBlank();
  if (position < text.length) throw unexpected('', 'nothing more');
  return whole;
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

const exceeded = (what: string, limit: number, at = '/') =>
  new WaybillError('package-limit-exceeded', { what, limit, entry: at });
