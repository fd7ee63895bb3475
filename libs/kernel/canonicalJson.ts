import { WaybillError } from './errors.js';

/** What event data, metadata and documents are made of: all else must be written as a string first. */
export type CanonicalValue =
  string | boolean | null | number | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue | undefined };

/**
 * The canonical JSON text (RFC 8785) of a value. Members that are `undefined` are left out, as in `JSON.stringify`.
 * @throws WaybillError `not-canonical` for what the format has no single form for: fractions, unsafe integers, lone surrogates, class instances.
 */
export function canonicalJson(value: CanonicalValue): string {
  return write(value, []);
}

/** Where the value at hand stands: kept as steps, since the text of a place is wanted only for a refusal. */
type Place = (string | number)[];

function write(value: CanonicalValue, at: Place): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, at);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isSafeInteger(value)) throw refused(at, `the number ${String(value)}, which is no safe integer`);
      return String(value === 0 ? 0 : value);
    case 'object':
      return writeObject(value, at);
    default:
      throw refused(at, `a ${typeof value}`);
  }
}

/** Printable ASCII without quotes and backslashes, which is most of what is written, stands as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function writeString(value: string, at: Place): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw refused(at, 'a string with a lone surrogate');
  return JSON.stringify(value);
}

function writeObject(
  value: readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue | undefined } | null,
  at: Place,
): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return writeArray(value as readonly CanonicalValue[], at);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused(at, 'an instance of a class');
  const members = value as { readonly [key: string]: CanonicalValue | undefined };
  let written = '';
  // RFC 8785 orders keys by UTF-16 code units, which is what sorting without a comparison does.
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined)
      written += `${written === '' ? '' : ','}${writeString(key, at)}:${writeAt(member, at, key)}`;
  }
  return `{${written}}`;
}

function writeArray(items: readonly CanonicalValue[], at: Place): string {
  let written = '';
  for (let i = 0; i < items.length; i += 1)
    written += (i === 0 ? '' : ',') + writeAt(items[i] as CanonicalValue, at, i);
  return `[${written}]`;
}

function writeAt(value: CanonicalValue, at: Place, step: string | number): string {
  at.push(step);
  const written = write(value, at);
  at.pop();
  return written;
}

const refused = (at: Place, found: string) => new WaybillError('not-canonical', { at: `/${at.join('/')}`, found });
