import { refused } from '../tar/entryNames.js';

const LARGE = 0x0001;
const UNICODE_PATH = 0x7075;
const DEFERRED = 0xffffffff;

/**
 * The sizes of an entry, those taken from its extra field that do not fit where they usually stand. Another name in the extra field is not believed
 * and not passed over either: some readers would take it.
 * @param stated as they stand in the header
 * @throws WaybillError `package-entry-refused`
 */
export function extraFields(
  name: string,
  rawName: Buffer,
  extra: Buffer,
  stated: readonly number[],
): { readonly sizes: readonly number[] } {
  let large: Buffer | undefined;
  for (let from = 0; from < extra.length;) {
    const length = from + 4 <= extra.length ? extra.readUInt16LE(from + 2) : Infinity;
    if (from + 4 + length > extra.length) throw refused(name, 'its extra field cannot be read.');
    const id = extra.readUInt16LE(from);
    const field = extra.subarray(from + 4, from + 4 + length);
    if (id === UNICODE_PATH && !field.subarray(5).equals(rawName)) throw refused(name, 'it has two different names.');
    if (id === LARGE && large !== undefined) throw refused(name, 'it has two different sizes.');
    if (id === LARGE) large = field;
    from += 4 + length;
  }
  let at = 0;
  const sizes = stated.map((size) => {
    if (size !== DEFERRED) return size;
    if (large === undefined || at + 8 > large.length) throw refused(name, 'its size is not stated.');
    const value = large.readBigUInt64LE(at);
    at += 8;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refused(name, 'its size is no number.');
    return Number(value);
  });
  return { sizes };
}
