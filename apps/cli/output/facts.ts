import { printable } from '@waybill/kernel';

/** Names and values below each other; what is undefined is left out. */
export function facts(entries: readonly (readonly [string, string | undefined])[]): string {
  const known = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  return known.map(([name, value]) => `${`${name}:`.padEnd(width)}${printable(value)}\n`).join('');
}
