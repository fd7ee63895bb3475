const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → `1.2 MB`. */
export function bytesText(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** `1 change`, `2 changes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Digests are long; their first twelve digits tell them apart for people. */
export const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

/** `2026-03-01T10:20:30.123Z` → `2026-03-01 10:20:30Z`. */
export const timeText = (instant: string | undefined): string =>
  instant === undefined ? '' : instant.replace('T', ' ').replace(/\.\d+/, '');
