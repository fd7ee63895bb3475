import { WaybillError } from '@waybill/kernel';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * Bytes of a size such as `100m` or `4g`, in powers of ten: so 4g fits where files are smaller than 4 GiB (FAT32).
 * @throws WaybillError `invalid-request`
 */
export function partSize(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (UNITS[unit.toLowerCase()] ?? NaN));
  if (!Number.isSafeInteger(bytes))
    throw new WaybillError('invalid-request', { reason: `"${text}" is no size; 100m and 4g are some.` });
  return bytes;
}

/**
 * Which parts are meant by `3`, `1-4,7` or `5-`.
 * @throws WaybillError `invalid-request`
 */
export function partNumbers(text: string | undefined): (number: number) => boolean {
  if (text === undefined) return () => true;
  const ranges = text.split(',').map((range) => {
    const [, from, dash, to] = /^(\d{1,3})(?:(-)(\d{1,3})?)?$/.exec(range.trim()) ?? [];
    if (from === undefined)
      throw new WaybillError('invalid-request', { reason: `"${text}" names no parts; 1-4,7 does, and so does 5-.` });
    const last = dash === undefined ? Number(from) : to === undefined ? Infinity : Number(to);
    return [Number(from), last] as const;
  });
  return (number) => ranges.some(([from, to]) => number >= from && number <= to);
}
