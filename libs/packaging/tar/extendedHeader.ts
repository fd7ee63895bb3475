/** What an extended header says about the entry after it. */
export interface ExtendedHeader {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
}

const MALFORMED = 'its extended header is malformed';
const RECORD = /^([1-9]\d{0,8}) ([^=]+)=/;

/**
 * Reads a PAX extended header. Readers differ in what they make of a malformed one, so only what all of them read alike is accepted.
 * Returns the reason as a text otherwise.
 */
export function extendedHeader(bytes: Uint8Array): ExtendedHeader | string {
  const found = records(bytes);
  if (typeof found === 'string') return found;
  const path = found.get('path');
  const linkPath = found.get('linkpath');
  const size = found.get('size');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) return 'its extended header gives a size that is no number';
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

function records(bytes: Uint8Array): ReadonlyMap<string, string> | string {
  const found = new Map<string, string>();
  let rest = bytes;
  while (rest.length > 0) {
    const [start, length, key] = RECORD.exec(Buffer.from(rest.subarray(0, 300)).toString('latin1')) ?? [];
    if (start === undefined || key === undefined) return MALFORMED;
    const record = rest.subarray(0, Number(length));
    if (record.length !== Number(length) || record.length <= start.length || record.at(-1) !== 0x0a) return MALFORMED;
    if (key.startsWith('GNU.sparse')) return 'it is a sparse file';
    if (found.has(key)) return `its extended header says "${key}" twice`;
    const value = text(record.subarray(start.length, -1));
    if (value === undefined && (key === 'path' || key === 'linkpath')) return 'its name is not UTF-8';
    found.set(key, value ?? '');
    rest = rest.subarray(record.length);
  }
  return found;
}

/** `undefined`: not UTF-8. */
export function text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
