/** What SQLite holds. Booleans are 0 and 1, and integers stay within ±2^53. */
export type SqlValue = string | number | null | Uint8Array;

type Bound = string | number | bigint | null | Uint8Array;

/**
 * The driver ends the process at a boolean, binds every number as a float and cuts a text at its first NUL when reading it,
 * so a value is checked and shaped before it gets there.
 */
export function bound(value: SqlValue): Bound {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw new TypeError('a text with a NUL character would come back cut short');
      if (!value.isWellFormed()) throw new TypeError('a text with a lone surrogate would come back changed');
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (Number.isInteger(value) || !Number.isFinite(value))
        throw new TypeError(`the number ${String(value)} cannot be stored exactly`);
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(`a ${typeof value} is no SQL value`);
  }
}

/** The driver gives blobs as Buffer or ArrayBuffer, depending on the call; here they are always a plain Uint8Array. */
export function unbound(value: unknown): SqlValue {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value as SqlValue;
}

/**
 * How many values a statement takes. Only plain `?` is counted: the driver takes too many values without a word, and fills up
 * too few with those of the call before.
 */
export function placeholders(sql: string): number {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, '');
  if (/\?\d|[:@$]\w/.test(bare)) throw new TypeError(`numbered and named placeholders are not supported: ${sql}`);
  return bare.split('?').length - 1;
}
